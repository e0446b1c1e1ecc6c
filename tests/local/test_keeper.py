"""Programs end with the process that started them, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local.keeper import left_of
from local.processes import KEEPER, Program, clean_environment
from tests.waiting import PATIENCE_SECONDS, wait_until

# It starts what ignores the first word, and one that has ended; then it waits to be killed.
PARENT = """
import sys, time
from pathlib import Path
from local.processes import Program
log = Path(sys.argv[1])
program = Program("program", sys.argv[2:], {"PATH": "/usr/bin:/bin"}, log)
program.start()
print(program.process.pid, flush=True)
time.sleep(600)
"""


def _parent(tmp_path: Path, *command: str) -> tuple[subprocess.Popen[str], psutil.Process]:
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log"), *command],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, psutil.Process(int(process.stdout.readline()))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_program_ends_with_who_started_it(tmp_path: Path, number: signal.Signals) -> None:
    parent, program = _parent(tmp_path, "sleep", "600")

    parent.send_signal(number)
    parent.communicate(timeout=PATIENCE_SECONDS)

    wait_until(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE)


def test_what_it_prints_is_in_its_log_and_not_what_the_keeper_reads(tmp_path: Path) -> None:
    parent, _ = _parent(tmp_path, "sh", "-c", "echo said; echo problem >&2; sleep 600")

    wait_until(lambda: (tmp_path / "log").read_text() == "said\nproblem\n")

    parent.kill()
    parent.communicate(timeout=PATIENCE_SECONDS)


def test_without_a_keeper_programs_start_all_the_same(tmp_path: Path) -> None:
    program = Program("program", ["sleep", "600"], {"PATH": os.defpath}, tmp_path / "log")
    program.start()
    program.stop()
    assert KEEPER._process
    KEEPER._process.kill()
    KEEPER._process.wait()

    program.start()

    assert program.process
    found = psutil.Process(program.process.pid)
    wait_until(lambda: found.cmdline()[:1] == ["sleep"])
    program.stop()
    assert KEEPER._process.stdin
    KEEPER._process.stdin.close()
    KEEPER._process = None  # the next program starts another


def test_what_has_ended_is_left_alone() -> None:
    lines = ["+1 15\n", "+2 2\n", "-1\n", "+3 15\n"]

    assert list(left_of(lines).items()) == [(3, 15), (2, 2)]
