"""What a person runs: migrate, rebuild, replay, redrive."""

from __future__ import annotations
