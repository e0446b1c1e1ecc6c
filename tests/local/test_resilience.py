"""What goes away comes back, and every event is there once."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import requests

from local.functions import url
from local.processes import answers
from tests.events import FINISHED, carried, cdevent, cloudevent
from tests.local.conftest import RunningStack
from tests.waiting import PATIENCE_SECONDS, wait_until

AWAY_SECONDS = 10
# How many functions are killed at the same moment.
TOGETHER = 5


class Stream:
    """A steady stream of finished rollouts, each of a service of its own."""

    def __init__(self, running: RunningStack) -> None:
        self.running, self.sent, self.stopped = running, 0, threading.Event()

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Send about 20 events a second while the block runs."""
        sender = threading.Thread(target=self._send_until_stopped)
        sender.start()
        try:
            yield
        finally:
            self.stopped.set()
            sender.join()

    def _send_until_stopped(self) -> None:
        while not self.stopped.wait(0.05):
            assert self.running.send(rollout(self.sent)).status_code == 202
            self.sent += 1

    def wait_for(self, count: int) -> None:
        """Wait until so many more have been sent."""
        enough = self.sent + count
        wait_until(lambda: self.sent >= enough)


def rollout(number: int) -> dict[str, Any]:
    event: dict[str, Any] = copy.deepcopy(FINISHED)
    event["id"] = f"rollout-{number}"
    event["data"]["metadata"] |= {"uid": f"uid-{number}", "name": f"service-{number}"}
    return event


def _counts(running: RunningStack) -> list[int]:
    tables = ("cloudevents_raw", "cdevents_raw", "deployments", "dead_letters")
    return [running.rows(f"select count(*) from {table}")[0][0] for table in tables]


@pytest.mark.long
def test_postgresql_away_for_ten_seconds_loses_nothing(running: RunningStack) -> None:
    stream = Stream(running)

    with stream.flowing():
        stream.wait_for(20)
        running.stack.postgresql.stop()
        back = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < back:
            stream.wait_for(1)
        running.stack.postgresql.start()
        stream.wait_for(20)
    running.settle()

    assert _counts(running) == [stream.sent, stream.sent, stream.sent, 0]


@pytest.mark.long
def test_each_function_killed_once_loses_nothing(running: RunningStack) -> None:
    stream = Stream(running)

    programs = list(running.stack.functions.values())
    with stream.flowing():
        for first in range(0, len(programs), TOGETHER):
            stream.wait_for(10)
            for program in programs[first : first + TOGETHER]:
                program.kill()
            stream.wait_for(5)
            running.stack.restart_what_died()
            for program in programs[first : first + TOGETHER]:
                wait_until(partial(answers, f"{url(program)}/health/readiness"))
    running.settle()

    assert _counts(running) == [stream.sent, stream.sent, stream.sent, 0]


def test_a_missed_trigger_is_caught_up_at_the_next_tick(running: RunningStack) -> None:
    gate = url(running.stack.functions["cdevents-endpoint"])
    headers = {"content-type": "application/cloudevents+json"}
    requests.post(
        gate, json=carried(cdevent()), headers=headers, timeout=PATIENCE_SECONDS
    ).raise_for_status()

    running.send(cloudevent(type="dev.knative.sources.ping", catchup="true"))
    running.settle()

    assert len(running.ask("/deploy-frequency/day")) == 1
    # Of all metrics, though the tick comes to one of them.
    assert running.rows("select count(*) from deployment_failures") == [[1]]
    assert running.rows("select count(*) from stale_deployments") == [[0]]
