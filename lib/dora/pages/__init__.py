"""The pages that browsers see: answers to questions, as HTML and pictures."""

from __future__ import annotations
