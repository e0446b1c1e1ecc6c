"""A scenario by its seed: a history, faults while it is sent, and what must hold afterwards."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import requests

from tests.events import carried
from tests.faults.kinds import FAULTS, NETWORK, impossible
from tests.faults.stand import Asked, Stand, keys
from tests.metrics.histories import Case, cases
from tests.metrics.test_agreement import agree

if TYPE_CHECKING:
    from tests.metrics.happenings import Event

SENDERS = 4
# Longer than any pause between two tries of a Broker; a fault that lasts longer is a dead letter.
ATTEMPT_SECONDS = 30
# How long faults last, one after the other or at once; the most are short.
HOLDS = [0.1, 0.3, 0.3, 1, 1, 3]
PAUSES = [0, 0.05, 0.3]
# Which part of the scenarios has a fault of the network all the time, beside the others.
BOTH = 0.3
# Which part of the events is recorded without the Broker, so that no metric hears of them.
STRAIGHT = 0.3

LOST = """
select ce_source, ce_id, reason from dead_letters order by 1, 2 limit 3
"""


@dataclass
class Sending:
    """Events that are sent, each until it is answered 2xx, while faults happen."""

    stand: Stand
    events: list[Event]
    random: Random
    seconds: float
    refused: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    repeats: int = 0

    def __post_init__(self) -> None:
        parts = [self.events[place::SENDERS] for place in range(SENDERS)]
        self.threads = [
            threading.Thread(target=self._send, args=[part, Random(self.random.random())])  # noqa: S311 - no secret
            for part in parts
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        """Wait until all are answered."""
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def _send(self, events: list[Event], random: Random) -> None:
        pause = self.seconds / len(events)
        for event in events:
            self._send_until_answered(event, random)
            self.is_over.wait(random.uniform(0, 2 * pause))
        while not self.is_over.wait(random.uniform(0, 0.1)):
            self._send_until_answered(random.choice(events), random)
            self.repeats += 1

    def _send_until_answered(self, event: Event, random: Random) -> None:
        is_straight = random.random() < STRAIGHT
        to = self.stand.gate() if is_straight else self.stand.broker_url
        while not self._is_answered(to, event):
            time.sleep(0.05)

    def _is_answered(self, url: str, event: Event) -> bool:
        headers = {"content-type": "application/cloudevents+json"}
        try:
            body = carried(event)
            answer = requests.post(url, json=body, headers=headers, timeout=ATTEMPT_SECONDS)
        except requests.RequestException:
            return False
        if 400 <= answer.status_code < 500:
            self.refused.append(answer.text)
            return True
        return answer.ok


@dataclass(frozen=True)
class Result:
    """What a scenario was: how many events, how many of them sent again, which faults."""

    events: int
    repeats: int
    faults: list[str]


def run(stand: Stand, seed: int) -> Result:
    """Run the scenario of a seed.

    Raises:
        AssertionError: an event is lost or there twice, a number is another one than that of the
            second computation, or something does not end.
    """
    random = Random(seed)  # noqa: S311 - for faults, not for secrets
    case = cases().draw(random)
    if len(case.events) < SENDERS:
        case = Case([*case.events, *cases().draw(random).events], case.catalog, case.asked)
    drawn = random.choices(FAULTS, k=random.choice([1, 1, 2, 3]))
    faults = [fault for fault in drawn if fault not in impossible(stand)]
    holds = [(random.choice(PAUSES), random.choice(HOLDS)) for _ in drawn]
    beside = random.choice(NETWORK) if random.random() < BOTH else None
    stand.begin(case.catalog)
    sending = Sending(stand, case.events, random, sum(before + hold for before, hold in holds))
    sending.start()
    with beside(stand, random) if beside else nullcontext():
        for fault, (before, hold) in zip(faults, holds, strict=False):
            time.sleep(before)
            with fault(stand, random):
                time.sleep(hold)
    sending.end()
    stand.settle()
    check(stand, case, sending)
    names = [fault.__name__ for fault in (*faults, *filter(None, [beside]))]
    return Result(len(case.events), sending.repeats, names)


def check(stand: Stand, case: Case, sending: Sending) -> None:
    """Check that each event is there once, that nothing is a dead letter, and the numbers."""
    kept = [
        (source, name) for source, name in stand.rows("select cd_source, cd_id from cdevents_raw")
    ]
    assert sending.refused == []
    assert stand.rows(LOST) == []
    assert stand.rows("select * from quarantined") == []
    assert len(kept) == len(set(kept))
    assert set(kept) == keys(case.events)
    agree(Asked(stand), case)
