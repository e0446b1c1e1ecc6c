"""`make run` as a person runs it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests

from local.events import send_recorded, wait_until_quiet
from local.postgresql import PROGRAMS
from local.processes import answers, clean_environment, free_port
from local.stack import BROKER_PATH
from local.summary import table
from tests.conftest import open_folder
from tests.metrics.test_any_order import BY_HAND
from tests.waiting import PATIENCE_SECONDS, wait_until

Run = Callable[..., subprocess.Popen[str]]
VARIABLES = ("DORA_BROKER_PORT", "DORA_METRICS_PORT", "DORA_WEBHOOKS_PORT", "DORA_POSTGRES_PORT")


@pytest.fixture
def ports() -> dict[str, str]:
    return _free_ports()


def _free_ports() -> dict[str, str]:
    return {variable: str(free_port()) for variable in VARIABLES}


@pytest.fixture
def data(data_folder: Path) -> Path:
    return open_folder(data_folder) / "data"


@pytest.fixture
def run(data: Path, ports: dict[str, str]) -> Iterator[Run]:
    """Run the stack with data in a folder of the test's own."""
    with _runs(data, ports) as start:
        yield start


@contextmanager
def _runs(data: Path, ports: dict[str, str]) -> Iterator[Run]:
    """Let stacks be started with these data at these ports; stop them when the block ends."""
    started: list[subprocess.Popen[str]] = []

    def start(*before: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "local"],
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


@dataclass
class Started:
    """A stack that has started: its process, where it is, and what it showed."""

    process: subprocess.Popen[str]
    shown: str
    ports: dict[str, str]
    data: Path
    run: Run


@pytest.fixture(scope="module")
def stack(data_folder: Path) -> Iterator[Started]:
    """A stack without the demo, for all tests that leave it running; its terminal may be closed."""
    with _started(data_folder, "nohup", DORA_DEMO="0") as started:
        yield started


@pytest.fixture(scope="module")
def with_demo(data_folder: Path, nobody: str) -> Iterator[Started]:
    """A stack with the demo, where a proxy is set that nobody answers at."""
    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY")
    proxies = dict.fromkeys(names, nobody)
    with _started(data_folder, **proxies, NO_PROXY="example.com") as started:
        yield started


@contextmanager
def _started(data_folder: Path, *before: str, **environment: str) -> Iterator[Started]:
    data, ports = open_folder(data_folder) / "data", _free_ports()
    with _runs(data, ports) as run:
        process = run(*before, **environment)
        yield Started(process, _read_until(process, "stop   Ctrl-C"), ports, data, run)


def _read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout
    read = ""
    while text not in read:
        line = process.stdout.readline()
        assert line, f"it ended after {read}"
        read += line
    return read


@pytest.mark.long
def test_it_shows_first_where_to_look_and_then_the_five_metrics_of_each_service(
    with_demo: Started,
) -> None:
    metrics = f"http://127.0.0.1:{with_demo.ports['DORA_METRICS_PORT']}"
    said = with_demo.shown[with_demo.shown.index("page ") :]
    assert said.startswith(f"page   {metrics}/\n")
    found = requests.get(f"{metrics}/summary", timeout=PATIENCE_SECONDS).json()["services"]
    assert [line for line in table(found) if line not in said] == []


@pytest.mark.long
def test_a_proxy_in_the_environment_is_for_others(with_demo: Started) -> None:
    assert "demo-checkout" in with_demo.shown


@pytest.mark.long
def test_without_the_demo_there_is_nothing_but_the_address(stack: Started) -> None:
    page = f"page   http://127.0.0.1:{stack.ports['DORA_METRICS_PORT']}/\n"
    assert page in stack.shown
    assert "demo" not in stack.shown
    assert list(stack.data.glob("*.yaml")) == []


@pytest.mark.long
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


def _kill_a_function(process: subprocess.Popen[str]) -> None:
    [victim] = [
        child
        for child in psutil.Process(process.pid).children()
        if child.cmdline()[-1].endswith("transformers/kubernetes")
    ]
    victim.kill()


@pytest.mark.long
def test_a_function_that_ends_is_started_again(stack: Started) -> None:
    _kill_a_function(stack.process)

    assert "again  kubernetes-transformer had ended" in _read_until(stack.process, "again")


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


@pytest.mark.long
def test_a_stack_whose_database_was_killed_starts_again(stack: Started) -> None:
    [server] = [
        child
        for child in psutil.Process(stack.process.pid).children()
        if child.cmdline()[0].endswith("postgres")
    ]

    os.kill(server.pid, signal.SIGKILL)

    assert "again  PostgreSQL had ended" in _read_until(stack.process, "again")
    metrics = f"http://127.0.0.1:{stack.ports['DORA_METRICS_PORT']}"
    wait_until(lambda: answers(f"{metrics}/health/readiness"))


def _all_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    _read_until(process, "stop   Ctrl-C")
    return psutil.Process(process.pid).children(recursive=True)


def _wait_until_gone(programs: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(programs, PATIENCE_SECONDS)
    assert [program for program in alive if program.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.long
def test_a_closed_terminal_stops_everything(run: Run) -> None:
    process = run(DORA_DEMO="0")
    programs = _all_of(process)

    process.send_signal(signal.SIGHUP)

    assert process.wait(PATIENCE_SECONDS) == 0
    _wait_until_gone(programs)


@pytest.mark.long
def test_it_outlives_its_terminal_with_nohup(stack: Started) -> None:
    stack.process.send_signal(signal.SIGHUP)
    _kill_a_function(stack.process)

    assert "again  kubernetes-transformer had ended" in _read_until(stack.process, "again")


@pytest.mark.long
@pytest.mark.parametrize("first", ["the stack", "what it started"])
def test_what_it_started_ends_with_a_killed_stack(run: Run, first: str) -> None:
    process = run(DORA_DEMO="0")
    programs = _all_of(process)
    if first == "what it started":
        _kill_a_function(process)
        _read_until(process, "again")
        programs = psutil.Process(process.pid).children(recursive=True)

    process.kill()

    _wait_until_gone(programs)


@pytest.mark.long
def test_it_stops_when_the_make_that_started_it_is_killed(run: Run) -> None:
    shell = run("/bin/sh", "-c", '"$@"; :', "make", DORA_DEMO="0", MAKELEVEL="1")
    programs = _all_of(shell)

    shell.kill()

    _wait_until_gone(programs)


@pytest.mark.long
def test_a_second_start_names_who_runs_where_and_how_to_stop_it(stack: Started) -> None:
    _, errors = stack.run().communicate(timeout=PATIENCE_SECONDS)

    pid, page = stack.process.pid, f"http://127.0.0.1:{stack.ports['DORA_METRICS_PORT']}/"
    assert errors == (
        f"it runs already: process {pid}, with its data in {stack.data} and its page at {page};"
        f" Ctrl-C where it was started, or `kill {pid}`, stops it\n"
    )


@pytest.mark.long
def test_a_start_in_another_folder_names_who_has_its_ports(stack: Started) -> None:
    _, errors = stack.run(DORA_DATA=f"{stack.data}-2").communicate(timeout=PATIENCE_SECONDS)

    who = f"it runs already: process {stack.process.pid}, with its data in {stack.data} and"
    assert errors.startswith(who)
    assert errors.endswith(
        f"; port {stack.ports['DORA_POSTGRES_PORT']} is taken; to run a second one, or set"
        " DORA_POSTGRES_PORT\n"
    )


@pytest.mark.long
@pytest.mark.parametrize("folders", ["one", "two"])
def test_of_two_starts_at_once_one_runs_and_the_other_says_one_sentence(
    run: Run, data: Path, folders: str
) -> None:
    other = str(data) if folders == "one" else f"{data}-2"
    both = [run(DORA_DEMO="0"), run(DORA_DEMO="0", DORA_DATA=other)]
    wait_until(lambda: any(process.poll() is not None for process in both))
    [loser] = [process for process in both if process.poll() is not None]
    [winner] = [process for process in both if process is not loser]

    _read_until(winner, "stop   Ctrl-C")
    _, errors = loser.communicate(timeout=PATIENCE_SECONDS)
    assert loser.returncode == 1
    assert re.fullmatch(r"(it runs already: process \d+, |port \d+ is taken).*\n", errors)


def _ask(ports: dict[str, str], user: str) -> subprocess.CompletedProcess[bytes]:
    psql = [str(PROGRAMS / "psql"), "-w", "-h", "127.0.0.1", "-p", ports["DORA_POSTGRES_PORT"]]
    return subprocess.run([*psql, "-lU", user], check=False, capture_output=True)


@pytest.mark.long
def test_nobody_reads_the_database_without_the_password(stack: Started) -> None:
    [command] = re.findall(r"PGPASSWORD=.* psql .*", stack.shown)
    shell = ["/bin/sh", "-c", f"PATH={PROGRAMS}:$PATH; {command} -Atc 'select 1'"]

    assert subprocess.run(shell, check=True, capture_output=True).stdout == b"1\n"
    assert (stack.data / "password").stat().st_mode & 0o777 == 0o600
    for user in ("postgres", "dora_writer", "dora_reader"):
        assert b"no password supplied" in _ask(stack.ports, user).stderr


@pytest.mark.long
def test_a_database_that_trusted_everybody_asks_for_a_password_from_then_on(
    run: Run, ports: dict[str, str], data: Path
) -> None:
    first = run(DORA_DEMO="0")
    _read_until(first, "stop   Ctrl-C")
    (data / "password").unlink()  # as if it were of before there was one
    (data / "postgresql" / "pg_hba.conf").write_text("host all all 127.0.0.1/32 trust\n")
    first.send_signal(signal.SIGINT)
    first.wait(PATIENCE_SECONDS)

    _read_until(run(DORA_DEMO="0"), "stop   Ctrl-C")

    assert b"no password supplied" in _ask(ports, "postgres").stderr


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_private_folder_stays_private_where_root_runs_it(run: Run, data: Path) -> None:
    private = data.parent / "private"
    private.mkdir(mode=0o700)

    process = run(DORA_DATA=str(private / "data"), DORA_DEMO="0")
    _read_until(process, "stop   Ctrl-C")

    assert private.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_where_no_namespace_is_to_be_had_a_private_folder_is_refused(
    run: Run, data: Path, tmp_path: Path
) -> None:
    private = data.parent / "private"
    private.mkdir(mode=0o700)
    forbidden = tmp_path / "unshare"
    forbidden.write_text("#!/bin/sh\nexit 1\n")
    forbidden.chmod(0o755)

    path = f"{tmp_path}:{os.environ['PATH']}"
    process = run(DORA_DATA=str(private / "data"), PATH=path)
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)

    assert private.stat().st_mode & 0o777 == 0o700
    assert errors == (
        "PostgreSQL does not run as root, and its user embedded_postgres may not enter"
        f" {private}: run it as another user, or move the project or DORA_DATA to where everybody"
        " may enter\n"
    )
