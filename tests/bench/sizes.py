"""How much is measured; DORA_BENCH_SCALE shrinks all of it for a quick run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Sizes:
    """How many of what; the defaults are a full run."""

    scale: float = 1.0
    keeping_rounds: int = 5
    events_of_a_round: int = 2_000
    kept_events: int = 8_000
    rollouts: int = 2_000
    trickle_events: int = 200
    histories: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    warm_up_requests: int = 100
    requests: int = 300
    queries: int = 50
    starts: int = 5
    requests_before_memory: int = 1_000
    tutorial_deployments: int = 5_000_000

    @classmethod
    def read(cls) -> Self:
        """Read the scale from the environment.

        Raises:
            ValueError: it is no number above 0 and up to 1.
        """
        text = os.environ.get("DORA_BENCH_SCALE", "1")
        try:
            scale = float(text)
        except ValueError:
            scale = 0
        if not 0 < scale <= 1:
            raise ValueError(f"expected DORA_BENCH_SCALE above 0 and up to 1, got {text!r}")
        full = cls()
        counts = {name: _scaled(n, scale) for name, n in vars(full).items() if isinstance(n, int)}
        return cls(scale, **counts, histories=tuple(_scaled(n, scale, 10) for n in full.histories))


def _scaled(number: int, scale: float, least: int = 1) -> int:
    return max(least, round(number * scale))
