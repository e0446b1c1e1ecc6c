"""What a person runs: rebuild, replay, redrive."""

from __future__ import annotations
