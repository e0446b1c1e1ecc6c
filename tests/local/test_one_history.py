"""One history through the whole stack by each way in: the same rows, the same five metrics."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.processes import clean_environment
from tests.commands.tool import TOKEN, Tool
from tests.events import as_a_githubsource_tells
from tests.local import one_history
from tests.local.conftest import RunningStack

SPAN = "from=2026-03-01&to=2026-03-08"
METRICS = (
    "deployment-frequency",
    "lead-time-for-changes",
    "change-failure-rate",
    "failed-deployment-recovery-time",
    "deployment-rework-rate",
)
QUESTIONS = [
    f"/summary?{SPAN}",
    *(f"/metrics/{metric}?{SPAN}&bucket=day&group_by=service" for metric in METRICS),
    *(f"/{evidence}?{SPAN}" for evidence in ("deployments", "changes", "incidents")),
]
BY_HAND = {
    "deployment-frequency": 3 / 6,  # a day; the first event is of the second day of the week
    # 15 min from the mending commit; 20 min from the push and from the second pull request's opening;
    # 25 h 20 min from the first one's. The first deployment ships only what it names.
    "lead-time-for-changes": 20 * 60,
    "change-failure-rate": 1 / 3,  # the second deployment, ten minutes before the incident
    "failed-deployment-recovery-time": 70 * 60,  # from 11:20 to 12:30
    "deployment-rework-rate": 1 / 3,  # the third one, while the incident is open
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def github_webhooks(running: RunningStack, _folder: Path) -> None:
    for event in one_history.github_webhooks():
        kind = event["type"].rpartition(".")[2]
        headers = {"X_GitHub_Event": kind, "X_GitHub_Delivery": event["id"]}
        assert running.deliver("/github", event["data"], **headers).status_code == 202


def githubsource(running: RunningStack, _folder: Path) -> None:
    for event in one_history.github_webhooks():
        assert running.send(as_a_githubsource_tells(event)).status_code == 202


def gitlab_webhooks(running: RunningStack, _folder: Path) -> None:
    for header, payload in one_history.gitlab_webhooks():
        answer = running.deliver("/gitlab", payload, X_Gitlab_Event=header)
        assert answer.status_code == 202


def github_backfill(running: RunningStack, folder: Path) -> None:
    backfill(running, folder, ["github", "acme/shop"], one_history.github_places())


def gitlab_backfill(running: RunningStack, folder: Path) -> None:
    backfill(running, folder, ["gitlab", "acme/store/shop"], one_history.gitlab_places())


def backfill(
    running: RunningStack, folder: Path, project: list[str], places: dict[str, Any]
) -> None:
    api = Tool(places)
    thread = threading.Thread(target=api.serve_forever, args=[0.01])
    thread.start()
    options = ["--months", "600", "--api", api.url, "--sink", running.stack.broker_url]
    environment = {"GITHUB_TOKEN": TOKEN, "GITLAB_TOKEN": TOKEN, "PATH": os.defpath}
    done = subprocess.run(
        [sys.executable, "-m", "dora", "backfill", *project, *options],
        cwd=folder,
        env=clean_environment() | environment,
        capture_output=True,
        check=False,
        text=True,
    )
    api.shutdown()
    thread.join()
    api.server_close()
    assert done.returncode == 0, done.stderr


WAYS: dict[str, Callable[[RunningStack, Path], None]] = {
    "GitHub's webhooks": github_webhooks,
    "Knative's GitHubSource": githubsource,
    "the backfill from GitHub": github_backfill,
    "GitLab's webhooks": gitlab_webhooks,
    "the backfill from GitLab": gitlab_backfill,
}


LIVE = {
    "GitHub": (github_webhooks, github_backfill),
    "GitLab": (gitlab_webhooks, gitlab_backfill),
}
TABLES = (
    "cdevents_raw",
    "deployments",
    "deployed_changes",
    "shipped_changes",
    "deployment_failures",
    "recoveries",
    "deployment_reworks",
)


def answers(running: RunningStack) -> dict[str, Any]:
    running.settle()
    assert running.rows("select reason from dead_letters") == []
    return {question: without_places(running.ask(question)) for question in QUESTIONS}


def without_places(value: Any) -> Any:
    """Put the same in the place of what names the tool, its URLs and ids made of them."""
    if isinstance(value, dict):
        return {name: without_places(found) for name, found in value.items()}
    if isinstance(value, list):
        return [without_places(found) for found in value]
    if not isinstance(value, str):
        return value
    for url in (one_history.GITLAB + "/-", one_history.GITLAB, one_history.GITHUB):
        value = value.replace(url, "https://tool")
    return UUID.sub("uuid", re.sub(r"pkg:git(lab|hub)/[\w/]+@", "pkg:tool@", value))


@pytest.fixture(scope="module")
def first() -> dict[str, Any]:
    """What the first way gave."""
    return {}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_gives_the_same_rows_and_the_metrics_worked_out_by_hand(
    running: RunningStack, first: dict[str, Any], way: str, tmp_path: Path
) -> None:
    WAYS[way](running, tmp_path)

    got = answers(running)
    first.update(first or got)

    [shop] = got[QUESTIONS[0]]["services"]
    assert shop["service"] == "shop"
    assert {name: shop["metrics"][name]["value"] for name in METRICS} == BY_HAND
    assert got == first


@pytest.mark.parametrize("tool", LIVE)
def test_a_backfill_over_live_data_changes_nothing(
    running: RunningStack, tool: str, tmp_path: Path
) -> None:
    webhooks, past = LIVE[tool]
    webhooks(running, tmp_path)
    running.settle()
    before = {table: running.rows(f"select * from {table} order by 1, 2, 3") for table in TABLES}

    for _ in range(2):
        past(running, tmp_path)
    running.settle()

    after = {table: running.rows(f"select * from {table} order by 1, 2, 3") for table in TABLES}
    assert after == before
    assert all(before.values())
