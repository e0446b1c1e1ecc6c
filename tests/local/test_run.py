"""`make run` as a person runs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import requests

from local.events import send_recorded, wait_until_quiet
from local.processes import clean_environment, free_port
from local.stack import BROKER_PATH
from local.summary import table
from tests.metrics.test_any_order import BY_HAND
from tests.waiting import PATIENCE_SECONDS

Run = Callable[..., subprocess.Popen[str]]
VARIABLES = ("DORA_BROKER_PORT", "DORA_METRICS_PORT", "DORA_WEBHOOKS_PORT", "DORA_POSTGRES_PORT")


@pytest.fixture
def ports() -> dict[str, str]:
    return {variable: str(free_port()) for variable in VARIABLES}


@pytest.fixture
def data(data_folder: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=data_folder)) / "data"


@pytest.fixture
def run(data: Path, ports: dict[str, str]) -> Iterator[Run]:
    """Run the stack with data in a folder of the test's own."""
    started: list[subprocess.Popen[str]] = []

    def start(**environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            env=clean_environment() | ports | {"DORA_DATA": str(data)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)


def _read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout
    read = ""
    while text not in read:
        line = process.stdout.readline()
        assert line, f"it ended after {read}"
        read += line
    return read


def test_it_shows_first_where_to_look_and_then_the_five_metrics_of_each_service(
    run: Run, ports: dict[str, str]
) -> None:
    process = run()

    shown = _read_until(process, "stop   Ctrl-C")

    metrics = f"http://127.0.0.1:{ports['DORA_METRICS_PORT']}"
    said = shown[shown.index("page ") :]
    assert said.startswith(f"page   {metrics}/\n")
    found = requests.get(f"{metrics}/summary", timeout=PATIENCE_SECONDS).json()["services"]
    assert [line for line in table(found) if line not in said] == []
    assert "demo-checkout" in said


def test_without_the_demo_there_is_nothing_but_the_address(
    run: Run, ports: dict[str, str], data: Path
) -> None:
    process = run(DORA_DEMO="0")

    shown = _read_until(process, "stop   Ctrl-C")

    assert f"page   http://127.0.0.1:{ports['DORA_METRICS_PORT']}/\n" in shown
    assert "demo" not in shown
    assert list(data.glob("*.yaml")) == []


def test_ctrl_c_stops_everything_and_a_second_run_goes_on_with_the_data(
    run: Run, ports: dict[str, str]
) -> None:
    first = run(DORA_DEMO="0")
    _read_until(first, "stop   Ctrl-C")
    send_recorded(f"http://127.0.0.1:{ports['DORA_BROKER_PORT']}{BROKER_PATH}")
    wait_until_quiet(int(ports["DORA_BROKER_PORT"]))
    children = psutil.Process(first.pid).children(recursive=True)
    first.send_signal(signal.SIGINT)
    assert first.wait(PATIENCE_SECONDS) == 0
    assert [child for child in children if child.is_running()] == []

    second = run(DORA_DEMO="0")
    _read_until(second, "stop   Ctrl-C")

    address = f"http://127.0.0.1:{ports['DORA_METRICS_PORT']}/deploy-frequency/day"
    assert requests.get(address, timeout=PATIENCE_SECONDS).json() == BY_HAND


def test_a_function_that_ends_is_started_again(run: Run) -> None:
    process = run(DORA_DEMO="0")
    _read_until(process, "stop   Ctrl-C")
    [victim] = [
        child
        for child in psutil.Process(process.pid).children()
        if child.cmdline()[-1].endswith("transformers/kubernetes")
    ]

    victim.kill()

    assert "again  kubernetes-transformer had ended" in _read_until(process, "again")


@pytest.mark.parametrize("variable", [name for name in VARIABLES if "WEBHOOKS" not in name])
def test_a_taken_port_is_one_plain_sentence(run: Run, ports: dict[str, str], variable: str) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", int(ports[variable])))
        taken.listen()
        process = run()
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert errors == (
        f"port {ports[variable]} is taken; stop what listens there, or set {variable}\n"
    )


def test_a_port_that_is_none_is_one_plain_sentence(run: Run) -> None:
    process = run(DORA_BROKER_PORT="eighty")
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert errors == "expected DORA_BROKER_PORT to be a port from 1 to 65535, got 'eighty'\n"


def _break_version(folder: Path) -> None:
    (folder / "postgresql").mkdir(parents=True)
    (folder / "postgresql" / "PG_VERSION").write_text("9.6\n")


def _break_folder(folder: Path) -> None:
    folder.write_text("a file")


def _break_content(folder: Path) -> None:
    (folder / "postgresql").mkdir(parents=True)
    (folder / "postgresql" / "notes.txt").write_text("not a database")


@pytest.mark.parametrize("breaking", [_break_version, _break_folder, _break_content])
def test_a_broken_data_folder_is_one_plain_sentence(
    data: Path, run: Run, breaking: Callable[[Path], None]
) -> None:
    breaking(data)

    process = run()
    output, errors = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert output == ""
    assert errors.count("\n") == 1
    assert str(data) in errors


def test_a_stack_whose_database_was_killed_starts_again(run: Run) -> None:
    process = run(DORA_DEMO="0")
    _read_until(process, "stop   Ctrl-C")
    [server] = [
        child
        for child in psutil.Process(process.pid).children()
        if child.cmdline()[0].endswith("postgres")
    ]

    os.kill(server.pid, signal.SIGKILL)

    assert "again  PostgreSQL had ended" in _read_until(process, "again")
