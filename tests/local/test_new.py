"""`make new-source` and `make new-metric` in a copy of the repository: its tests, the whole stack."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from local.events import wait_until_quiet
from local.postgresql import Postgresql
from local.processes import clean_environment, free_port
from local.stack import BROKER_PATH, DATABASE, Settings
from tests.checkout import commit_all, copy_repository, git
from tests.conftest import open_folder
from tests.events import carried, cdevent, cloudevent
from tests.local.conftest import PORTS
from tests.waiting import PATIENCE_SECONDS

REPOSITORY = Path(__file__).parents[2]
MAKE = shutil.which("make") or "make"


@pytest.fixture
def copy(data_folder: Path) -> Iterator[Path]:
    """A copy of the repository."""
    copied = open_folder(data_folder)
    copy_repository(copied)
    yield copied
    shutil.rmtree(copied)


def make(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in the copy, with this Python and what is installed for it."""
    installed = ["INSTALLED=", f"BIN={Path(sys.executable).parent}"]
    return subprocess.run(
        [MAKE, *installed, *arguments],
        cwd=copy,
        env=environment(copy),
        capture_output=True,
        check=False,
        text=True,
    )


def written(made: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the files that make said it made or changed."""
    lines = made.stdout.partition("\n\n")[0].splitlines()
    return [line.removesuffix(" names it") for line in lines]


def run_tests(copy: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """Run some of the copy's own tests."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", *(f"tests/{file}" for file in files)],
        cwd=copy,
        env=environment(copy),
        capture_output=True,
        check=False,
        text=True,
    )


def environment(copy: Path) -> dict[str, str]:
    """Return an environment in which the copy's own library is imported."""
    paths = os.pathsep.join([str(copy), str(copy / "lib")])
    return clean_environment() | {"PYTHONPATH": paths, "PATH": os.defpath}


@contextmanager
def running(copy: Path, **settings: str) -> Iterator[Settings]:
    """Run the copy's own stack, as `make run` does."""
    ports = {name: free_port() for name in PORTS}
    variables = {f"DORA_{name.upper()}": str(port) for name, port in ports.items()}
    settings |= {"DORA_DATA": str(copy / "data"), "DORA_DEMO": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=copy,
        env=environment(copy) | variables | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout
        told = []
        while not (line := process.stdout.readline()).startswith("stop"):
            told.append(line)
            assert line, f"the stack has not started: {told}"
        yield Settings(**ports, data=copy / "data", demo=False)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)


def send(stack: Settings, *events: dict[str, Any]) -> None:
    """Send events to the Broker, and wait until nothing is under way any more."""
    url = f"http://127.0.0.1:{stack.broker_port}{BROKER_PATH}"
    headers = {"content-type": "application/cloudevents+json"}
    for event in events:
        assert (
            requests.post(url, json=event, headers=headers, timeout=PATIENCE_SECONDS).status_code
            == 202
        )
    wait_until_quiet(stack.broker_port, PATIENCE_SECONDS)


def rows(stack: Settings, sql: str) -> list[list[Any]]:
    return Postgresql.of(stack).run(DATABASE, sql)


def post(stack: Settings, path: str, payload: Any, token: str) -> int:
    """Post a webhook with a token, and wait until nothing is under way any more."""
    url = f"http://127.0.0.1:{stack.webhooks_port}{path}"
    shown = {"authorization": f"Bearer {token}"}
    answer = requests.post(url, json=payload, headers=shown, timeout=PATIENCE_SECONDS)
    wait_until_quiet(stack.broker_port, PATIENCE_SECONDS)
    return answer.status_code


def example(copy: Path, name: str, file: str) -> dict[str, Any]:
    folder = copy / "tests" / "functions" / f"{name}-transformer" / "inputs"
    event: dict[str, Any] = json.loads((folder / f"{file}.json").read_text())
    return event


@pytest.mark.long
def test_new_sources_pass_the_repositorys_tests_as_they_are(copy: Path) -> None:
    commit_all(copy)
    made = [
        make(copy, "new-source", "NAME=octopus", "WEBHOOK=1"),
        make(copy, "new-source", "NAME=giant-squid"),
    ]
    assert [one.returncode for one in made] == [0, 0], made[0].stderr + made[1].stderr

    tested = run_tests(
        copy,
        "test_repository.py",
        "docs/test_events.py",
        "functions/test_golden.py",
        "functions/test_webhooks_endpoint.py",
    )

    assert tested.returncode == 0, tested.stdout[-3000:]
    for name in written(made[0]):
        assert git(copy, "status", "--porcelain", name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("github", "functions/transformers/github is there already"),
        ("Octopus", "expected NAME to be lower case"),
        ("a_b", "expected NAME to be lower case"),
        ("../a", "expected NAME to be lower case"),
        ("", "expected NAME to be lower case"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_made(
    copy: Path, name: str, sentence: str
) -> None:
    commit_all(copy)

    done = make(copy, "new-source", f"NAME={name}")

    assert done.returncode
    assert sentence in done.stderr
    assert git(copy, "status", "--porcelain") == ""


@pytest.mark.long
def test_what_a_new_source_sends_becomes_cdevents(copy: Path) -> None:
    make(copy, "new-source", "NAME=octopus", "WEBHOOK=1")
    make(copy, "new-source", "NAME=giant-squid")
    sent = example(copy, "giant-squid", "01-deployed")
    failed = example(copy, "giant-squid", "02-failed")
    hook = example(copy, "octopus", "01-deployed")["data"]

    with running(copy, WEBHOOK_OCTOPUS_SECRETS="s3cret") as stack:
        send(stack, sent, failed, sent | {"id": "3"})
        answers = [post(stack, "/octopus", hook, token) for token in ("s3cret", "another")]
        kept = rows(
            stack, "select cd_type, cd_source, cd_subject_id, content from cdevents_raw order by 2"
        )
        letters = rows(stack, "select * from dead_letters")

    deployed = "dev.cdevents.service.deployed.0.3.0"
    assert answers == [202, 401]
    assert [row[:3] for row in kept] == [
        [deployed, "/webhooks/octopus", "shop"],
        [deployed, "https://giant-squid.example.com", "shop"],
    ]
    assert [row[3]["customData"] for row in kept] == [{"dora": {"commit": hook["commit"]}}] * 2
    assert letters == []


@pytest.mark.long
def test_a_new_metric_passes_the_repositorys_tests_as_it_is(copy: Path) -> None:
    commit_all(copy)
    made = make(copy, "new-metric", "NAME=removals")
    assert made.returncode == 0, made.stderr

    tested = run_tests(
        copy,
        "test_repository.py",
        "metrics/test_removals.py",
        "functions/test_metrics_routes.py",
        "schemas/test_page.py",
    )

    assert tested.returncode == 0, tested.stdout[-3000:]
    for name in written(made):
        assert git(copy, "status", "--porcelain", name)


def test_a_table_of_that_name_is_left_alone(copy: Path) -> None:
    commit_all(copy)

    done = make(copy, "new-metric", "NAME=dead-letters")

    assert done.returncode
    assert "sql/schema/30_dead_letters.sql has a table of that name already" in done.stderr
    assert git(copy, "status", "--porcelain") == ""


@pytest.mark.long
def test_a_new_metric_can_be_asked_and_catches_up_with_all_of_the_log(copy: Path) -> None:
    make(copy, "new-metric", "NAME=removals")
    kept = "select deploy_id, has_commit from removals order by deploy_id"

    with running(copy) as stack:
        send(stack, carried(cdevent(id="d1", custom={"commit": "a" * 40})))
        another = {"environment": {"id": "production"}, "artifactId": "pkg:oci/shop?tag=2"}
        send(stack, carried(cdevent(id="d2", time="2026-01-06T12:00:00Z", content=another)))
        live = rows(stack, kept)
        url = (
            f"http://127.0.0.1:{stack.metrics_port}/metrics/removals?from=2026-01-05&to=2026-01-12"
        )
        answer = requests.get(url, timeout=PATIENCE_SECONDS).json()
        rows(stack, "delete from processed_events; truncate removals")
        send(stack, cloudevent(type="dev.knative.sources.ping", catchup="true"))
        caught_up = rows(stack, kept)

    assert live == caught_up == [["d1", True], ["d2", False]]
    [group] = answer["groups"]
    assert (answer["unit"], group["value"], group["count"]) == ("ratio", 0.5, 2)
