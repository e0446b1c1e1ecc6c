"""Inputs are sent to the functions; whatever they are, nothing breaks and no event of others is lost."""

from __future__ import annotations

import logging
import re
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import psutil

from tests.events import carried
from tests.fuzz.inputs import Input, Inputs
from tests.metrics.conftest import METRICS, TICK
from tests.metrics.happenings import deployed

if TYPE_CHECKING:
    from tests.conftest import Database, Functions
    from tests.sink import Sink

CORPUS = Path(__file__).parents[1] / "data" / "fuzz" / "inputs.jsonl"
# An input that is kept among them is short enough to be read.
MOST_BYTES = 500
# Every so many inputs there is an event of somebody else, who does nothing odd.
ORDINARY_EVERY = 100
TICK_EVERY = 500
# So many, and all is checked and forgotten, or the database would grow for ever.
BLOCK = 5000
MEGABYTE = 1_000_000
# What grows no further than so is flat: plans, caches, Python's own arenas.
FLAT_BYTES = 40 * MEGABYTE
ORDINARY = """
select
    (select count(*) from cdevents_raw where cd_source = '/ordinary'),
    (select count(*) from deployments where deploy_source = '/ordinary')
"""


class Raised(logging.Handler):
    """Keeps where the last error was raised, and which: an answer does not say so."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep that of a record."""
        if record.exc_info and record.exc_info[1]:
            self.last = "".join(traceback.format_exception(record.exc_info[1])[-2:])


RAISED = Raised(logging.ERROR)


def corpus() -> list[Input]:
    """Return the inputs that were interesting before."""
    return [Input.of_json(line) for line in CORPUS.read_text().splitlines()]


@dataclass
class Fuzz:
    """Inputs of one seed, and what came of them."""

    function: Functions
    database: Database
    sink: Sink
    seed: int
    known: list[Input]
    wrong: list[str] = field(default_factory=list)
    found: list[Input] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    count: int = 0
    ordinary: int = 0

    def __post_init__(self) -> None:
        self.inputs = Inputs(Random(self.seed), self.known)  # noqa: S311 - no secret
        self.seen: set[tuple[Any, ...]] = set()
        self.memory = psutil.Process()
        self.first_bytes = 0
        logging.getLogger("dora").addHandler(RAISED)

    def replay(self) -> None:
        """Send what is known, so that only what is answered otherwise is new."""
        for each in list(self.known):
            self.send(each)

    def go_on(self, count: int) -> None:
        """Send so many inputs."""
        for _ in range(count):
            each = self.inputs.draw()
            if self.send(each) and len(each.body or b"") <= MOST_BYTES:
                self.known.append(each)
                self.found.append(each)
            self.count += 1
            if self.count % ORDINARY_EVERY == 0:
                self._send_ordinary()
            if self.count % TICK_EVERY == 0:
                self._tick()
            if self.count % BLOCK == 0:
                self.end_block()

    def send(self, each: Input) -> bool:
        """Send an input; return whether nothing was answered so before."""
        client = self.function(each.function)
        headers = each.all_headers()
        RAISED.last = ""
        if each.body is None:
            answer = client.get(each.path, headers.get("accept", "*/*"))
        else:
            answer = client.post(each.body, each.path, **headers)
        text = answer.get_data(as_text=True) if answer.status_code != 200 else ""
        self.answers[answer.status_code] += 1
        if answer.status_code >= 500 or "Traceback" in text:
            self.wrong.append(f"{answer.status_code} {text[:300]}\n{RAISED.last}{each.to_json()}")
        said = re.sub(r"'.*'|\".*\"|\d+|got .*", "_", text.partition("\n")[0])[:80]
        key = (each.function, each.path.partition("?")[0], answer.status_code, said)
        is_new = key not in self.seen
        self.seen.add(key)
        return is_new

    def end_block(self) -> None:
        """Check that what others sent is there, once, and counted; then forget everything."""
        self._tick()
        found = self.database.rows(ORDINARY)
        if found != [[self.ordinary, self.ordinary]]:
            self.wrong.append(f"of {self.ordinary} ordinary events {found[0]} are kept and counted")
        for row in self.database.rows("select metric, cd_source, cd_id, reason from quarantined"):
            self.wrong.append(f"set aside: {row}")
        self.database.empty()
        self.sink.bodies.clear()
        self.ordinary = 0
        now = self.memory.memory_info().rss
        self.first_bytes = self.first_bytes or now
        if now - self.first_bytes > FLAT_BYTES:
            self.wrong.append(f"memory grew from {self.first_bytes} to {now} bytes")

    def _send_ordinary(self) -> None:
        number = self.count
        # At a minute of its block, or the last ones of very many would be of days to come.
        minute = number % BLOCK
        event = deployed(f"o{self.seed}-{number}", minute, source="/ordinary", service="ordinary")
        answer = self.function("cdevents-endpoint").post(carried(event))
        self.ordinary += 1
        if answer.status_code != 200:
            self.wrong.append(f"an ordinary event is answered {answer.status_code} {answer.text}")

    def _tick(self) -> None:
        for metric in METRICS:
            answer = self.function(metric).post(TICK)
            if answer.status_code != 204:
                self.wrong.append(f"a tick of {metric}: {answer.status_code} {answer.text}")
