"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.demo import kubernetes
from local.demo.working_hours import last_working_day
from local.postgresql import PROGRAMS
from local.processes import clean_environment
from tests.local.conftest import RunningStack

# What the README says for the last working day before it is read, and for the third before that.
DEMO_DAY, DEMO_DAY_BEFORE = "2026-11-25", "2026-11-20"
README = (Path(__file__).parents[2] / "README.md").read_text()


def examples(document: str = README) -> Iterator[tuple[str, str]]:
    """Return each command of the console blocks with what it prints."""
    for block in re.findall(r"```console\n(.*?)```", document, re.DOTALL):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            yield _split(example)


def _split(example: str) -> tuple[str, str]:
    """A command ends where its quotes do."""
    lines = example.splitlines(keepends=True)
    for count in range(1, len(lines) + 1):
        try:
            shlex.split("".join(lines[:count]))
        except ValueError:
            continue
        return "".join(lines[:count]).strip(), "".join(lines[count:])
    raise AssertionError(example)


def _run(command: str, running: RunningStack) -> str:
    settings = running.stack.settings
    for port, real in (
        ("8080", settings.broker_port),
        ("8090", settings.metrics_port),
        ("15432", settings.postgres_port),
    ):
        command = command.replace(f"127.0.0.1:{port}", f"127.0.0.1:{real}")
        command = command.replace(f"-p {port}", f"-p {real}")
    command = command.replace(".dora/", f"{settings.data}/")
    environment = clean_environment()
    environment["PATH"] = f"{PROGRAMS}:{environment['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=environment, capture_output=True, check=True, text=True
    )
    running.settle()
    return done.stdout


def test_every_command_prints_what_the_readme_says(running: RunningStack) -> None:
    day = last_working_day(datetime.now(UTC).date())
    before = last_working_day(last_working_day(last_working_day(day)))
    for report in kubernetes.recorded(day):
        assert running.send(report.payload).status_code == 202
    running.settle()

    shown = list(examples(README.replace(DEMO_DAY, str(day)).replace(DEMO_DAY_BEFORE, str(before))))

    assert len(shown) == 4
    for command, expected in shown:
        got = _run(command, running)
        if expected.startswith("["):
            assert json.loads(got) == json.loads(expected)
        else:
            assert got.split() == expected.split()


def test_the_commands_of_the_makefile_are_the_readmes() -> None:
    block = re.search(r"```sh\n(make run\nmake test)\n```", README)

    assert block


@pytest.mark.parametrize(
    "target", ["run", "test", "test-long", "test-knative", "functions", "deploy", "bench", "lint"]
)
def test_each_command_has_a_line_of_help(target: str) -> None:
    make = ["/usr/bin/env", "make", "help"]
    shown = subprocess.run(make, capture_output=True, check=True, text=True).stdout

    assert re.search(rf"^make {target} +\w+", shown, re.MULTILINE)
