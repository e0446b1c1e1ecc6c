from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import requests

from dora import together
from dora.errors import PermanentError, TemporaryError
from dora.together import Together
from tests.conftest import FUNCTIONS, Database
from tests.events import cloudevent
from tests.library.test_serve import Serve, programs, serve
from tests.waiting import PATIENCE_SECONDS, wait_until

__all__ = ["programs", "serve"]
MANY = 12
CONNECTIONS = (
    "select count(*) from pg_stat_activity where datname = :name and pid <> pg_backend_pid()"
)


class Kept:
    """What keeps reports, and waits before the first."""

    def __init__(self) -> None:
        self.statements: list[list[str]] = []
        self.go = threading.Event()
        self.error: Exception | None = None

    def __call__(self, reports: Iterable[str]) -> None:
        self.statements.append(sorted(reports))
        assert self.go.wait(PATIENCE_SECONDS)
        if "bad" in self.statements[-1]:
            raise PermanentError("the database refuses this")
        if self.error:
            raise self.error


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """What is kept with a thread of this test's own."""
    monkeypatch.setattr(together, "_turns", [])
    monkeypatch.setattr(together, "_used", [])
    made = Kept()
    yield made
    made.go.set()


@pytest.fixture
def send(kept: Kept) -> Iterator[Callable[..., list[Future[None]]]]:
    """Let the first report be under way, and the others wait."""
    keep = together.together(kept)
    together.start()
    with ThreadPoolExecutor(MANY) as pool:

        def wait_with(first: str, *others: str) -> list[Future[None]]:
            sent = [pool.submit(keep, [first])]
            wait_until(lambda: kept.statements)
            sent += [pool.submit(keep, [each]) for each in others]
            wait_until(lambda: len(keep._waiting) == len(others))
            return sent

        yield wait_with
        kept.go.set()


def test_what_comes_while_another_is_kept_is_kept_together(
    kept: Kept, send: Callable[..., list[Future[None]]]
) -> None:
    sent = send("a", "b", "c", "d")

    assert not any(each.done() for each in sent)
    kept.go.set()
    for each in sent:
        each.result(PATIENCE_SECONDS)
    assert kept.statements == [["a"], ["b", "c", "d"]]


def test_of_many_that_are_refused_each_is_tried_by_itself(
    kept: Kept, send: Callable[..., list[Future[None]]]
) -> None:
    first, good, bad, other = send("a", "good", "bad", "other")
    kept.go.set()

    for each in (first, good, other):
        each.result(PATIENCE_SECONDS)
    with pytest.raises(PermanentError, match="the database refuses this"):
        bad.result(PATIENCE_SECONDS)
    assert sorted(kept.statements[2:]) == [["bad"], ["good"], ["other"]]


@pytest.mark.parametrize("error", [TemporaryError("away"), ValueError("a bug")])
def test_what_fails_fails_for_all_that_waited_and_for_nobody_after(
    kept: Kept, send: Callable[..., list[Future[None]]], error: Exception
) -> None:
    kept.error = error
    sent = send("a", "b", "c")
    kept.go.set()

    for each in sent:
        assert each.exception(PATIENCE_SECONDS) is error
    assert kept.statements == [["a"], ["b", "c"]]
    kept.error = None
    assert together.in_turn(lambda: "still there") == "still there"


def test_one_statement_has_no_more_than_is_sent_well(
    kept: Kept, send: Callable[..., list[Future[None]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "MOST_CHARACTERS", 4)
    sent = send("a", "bbb", "ccc", "ddd")
    kept.go.set()

    for each in sent:
        each.result(PATIENCE_SECONDS)
    assert [len(each) for each in kept.statements] == [1, 2, 1]


def test_without_a_thread_whoever_keeps_does_it(kept: Kept) -> None:
    kept.go.set()

    Together(kept)(["a"])

    assert kept.statements == [["a"]]
    assert together.in_turn(threading.current_thread) is threading.current_thread()


def test_a_process_that_keeps_nothing_together_has_no_such_thread(kept: Kept) -> None:
    assert kept
    together.start()

    assert together.in_turn(threading.current_thread) is threading.current_thread()


@pytest.mark.parametrize("name", ["cloudevents-endpoint", "cdevents-endpoint"])
def test_many_requests_at_once_have_one_connection(
    name: str, database: Database, serve: Serve
) -> None:
    threads = FUNCTIONS[name].environment["THREADS"]
    url = serve(FUNCTIONS[name].folder, THREADS=threads, **database.environment)
    body = json.dumps([cloudevent(id="of a batch")])

    def post(number: int) -> int:
        headers = {"content-type": "application/cloudevents+json"}
        event = cloudevent(id=f"event {number}")
        requests.get(f"{url}/health/readiness", timeout=PATIENCE_SECONDS).raise_for_status()
        batch = {"content-type": "application/cloudevents-batch+json"}
        requests.post(url, data=body, headers=batch, timeout=PATIENCE_SECONDS).raise_for_status()
        return requests.post(url, json=event, headers=headers, timeout=PATIENCE_SECONDS).status_code

    with ThreadPoolExecutor(MANY) as pool:
        answers = set(pool.map(post, range(3 * MANY)))

    kept = {"cloudevents-endpoint": {204}, "cdevents-endpoint": {422}}
    assert answers == kept[name]
    assert database.rows(CONNECTIONS, name=database.name) == [[1]]
