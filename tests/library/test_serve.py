"""The server module as a container runs it: a process, a port, signals."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from local.processes import Program, answers, clean_environment, free_port
from tests.conftest import FUNCTIONS, Database
from tests.events import cloudevent
from tests.waiting import PATIENCE_SECONDS, wait_until

Serve = Callable[..., str]
SLOW = """
import pathlib, time
from parliament import Context

def main(context: Context):
    pathlib.Path(__file__).with_name("started").touch()
    while not pathlib.Path(__file__).with_name("go").exists():
        time.sleep(0.01)
    return "done", 200
"""


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    """The programs that a test starts; ended after it."""
    started: list[Program] = []
    yield started
    for program in started:
        program.kill()


@pytest.fixture
def serve(tmp_path: Path, programs: list[Program]) -> Serve:
    """Serve a folder with an environment; return the address once it lives."""

    def start(folder: Path, **environment: str) -> str:
        port = free_port()
        settings = {"PORT": str(port), "ADDRESS": "127.0.0.1", **environment}
        program = Program(
            folder.name,
            [sys.executable, "-m", "dora.serve", str(folder)],
            clean_environment() | settings,
            tmp_path / "log",
        )
        programs.append(program)
        program.start()
        url = f"http://127.0.0.1:{port}"
        program.wait_until(lambda: answers(f"{url}/health/liveness"))
        return url

    return start


def test_a_function_is_served_at_the_port_it_is_told(database: Database, serve: Serve) -> None:
    url = serve(FUNCTIONS["cloudevents-endpoint"].folder, **database.environment)

    answer = requests.post(
        url,
        json=cloudevent(),
        headers={"content-type": "application/cloudevents+json"},
        timeout=PATIENCE_SECONDS,
    )

    assert answer.status_code == 204
    assert database.rows("select count(*) from cloudevents_raw") == [[1]]


def test_without_its_database_a_function_lives_and_is_not_ready(serve: Serve) -> None:
    url = serve(FUNCTIONS["cloudevents-endpoint"].folder, PGHOST="127.0.0.1", PGPORT="1")

    readiness = requests.get(f"{url}/health/readiness", timeout=PATIENCE_SECONDS)

    assert requests.get(f"{url}/health/liveness", timeout=PATIENCE_SECONDS).status_code == 200
    assert readiness.status_code == 503
    assert readiness.text.startswith("the database is away: ")


def test_with_its_database_it_is_ready(database: Database, serve: Serve) -> None:
    url = serve(FUNCTIONS["cloudevents-endpoint"].folder, **database.environment)

    assert requests.get(f"{url}/health/readiness", timeout=PATIENCE_SECONDS).status_code == 200


def test_a_function_without_a_database_waits_for_none(serve: Serve) -> None:
    url = serve(FUNCTIONS["kubernetes-transformer"].folder, PGHOST="127.0.0.1", PGPORT="1")

    assert requests.get(f"{url}/health/readiness", timeout=PATIENCE_SECONDS).status_code == 200


def test_what_is_far_too_large_is_refused_before_it_is_read(serve: Serve) -> None:
    url = serve(FUNCTIONS["kubernetes-transformer"].folder, MAX_BODY_BYTES="1000")

    assert (
        requests.post(url, b"x" * 1001, timeout=PATIENCE_SECONDS).text
        == "expected at most 1000 bytes, got 1001"
    )
    assert requests.post(url, b"x" * 4001, timeout=PATIENCE_SECONDS).status_code == 413


def test_a_method_that_it_does_not_take_is_405_with_those_that_it_takes(serve: Serve) -> None:
    url = serve(FUNCTIONS["metrics-endpoint"].folder)

    answer = requests.put(url, timeout=PATIENCE_SECONDS)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json() == {"error": "expected GET, got PUT"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_the_request_in_hand(
    tmp_path: Path, serve: Serve, programs: list[Program], number: signal.Signals
) -> None:
    folder = tmp_path / "slow"
    folder.mkdir()
    (folder / "func.py").write_text(SLOW)
    url = serve(folder)
    got: list[str] = []
    asking = threading.Thread(
        target=lambda: got.append(requests.get(url, timeout=PATIENCE_SECONDS).text)
    )
    asking.start()
    wait_until((folder / "started").exists)
    [program] = programs
    assert program.process

    os.kill(program.process.pid, number)
    wait_until(lambda: not answers(f"{url}/health/liveness"))
    (folder / "go").touch()
    asking.join()

    assert got == ["done"]
    assert program.process.wait(PATIENCE_SECONDS) == 0
