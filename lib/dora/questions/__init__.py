"""What is asked of the metrics, and what is answered."""

from __future__ import annotations
