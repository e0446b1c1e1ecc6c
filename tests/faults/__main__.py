"""Faults by chance: `python -m tests.faults [--first SEED] [--seeds COUNT] [--minutes MINUTES]`.

Each seed is a scenario: events are sent, faults happen, and then every event has to be there once, the
metrics have to be those of the second computation, and nobody may wait for anybody. A seed that fails
is printed with why; the same seed again is the same history and the same faults.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.faults.kinds import impossible
from tests.faults.scenario import run
from tests.faults.stand import Stand


def main() -> int:
    """Run the scenarios that the command line asks for; return 1 where one failed."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    begun, tally = time.monotonic(), Tally()
    with tempfile.TemporaryDirectory(prefix="dora-faults-") as folder:
        Path(folder).chmod(0o755)
        with Stand.running(Path(folder)) as stand:
            for fault in impossible(stand):
                _say(f"{fault.__name__} cannot be had on this machine, and is left out")
            for seed in range(asked.first, asked.first + asked.seeds):
                if asked.minutes and time.monotonic() - begun > 60 * asked.minutes:
                    break
                tally.run(stand, seed)
    _say(f"{tally} in {(time.monotonic() - begun) / 60:.0f} minutes")
    for name, count in tally.met.most_common():
        _say(f"{count:6} {name}")
    return 1 if tally.failed else 0


class Tally:
    """What came of the seeds so far."""

    def __init__(self) -> None:
        self.seeds = self.events = self.repeats = 0
        self.met = Counter[str]()
        self.failed: list[int] = []

    def __str__(self) -> str:
        sent = f"{self.events:,} events and {self.repeats:,} repeats"
        failed = f"failed: {self.failed or 'none'}"
        return f"{self.seeds:,} seeds, {self.met.total():,} faults, {sent}, {failed}"

    def run(self, stand: Stand, seed: int) -> None:
        self.seeds += 1
        try:
            result = run(stand, seed)
        except Exception:  # noqa: BLE001 - whatever it is, the next seed is tried
            self.failed.append(seed)
            _say(f"seed {seed} FAILED", traceback.format_exc())
            return
        self.events += result.events
        self.repeats += result.repeats
        self.met.update(result.faults)
        sent = f"{result.events} events, {result.repeats} sent again"
        _say(f"seed {seed}: {sent}, {', '.join(result.faults)}")


def _say(*words: object, sep: str = " ") -> None:
    print(*words, sep=sep, flush=True)  # noqa: T201 - for the person who waits


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=10, help="how many, one after the other")
    parser.add_argument("--minutes", type=float, help="begin none after so many minutes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
