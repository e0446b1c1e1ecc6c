"""The story of docs/story.md, sent by five tools to the whole stack and asked of the API."""

from __future__ import annotations

import random
from typing import Any

import pytest
import requests

from tests.local.conftest import RunningStack
from tests.local.story import IMAGE, Sent, Webhook, sent, sha, table, told_at
from tests.waiting import PATIENCE_SECONDS

SPAN = "from=2026-03-02&to=2026-03-09"
METRICS = dict(table("metric", "value"))


def tell(running: RunningStack, one: Sent) -> None:
    """Send it as its tool does: signed to the webhooks endpoint, or in binary mode to the Broker."""
    if isinstance(one, Webhook):
        answer = running.deliver(one.path, one.payload, **one.headers)
    else:
        headers = {f"ce-{name}": value for name, value in one.attributes.items()}
        url = running.stack.broker_url
        answer = requests.post(url, json=one.data, headers=headers, timeout=PATIENCE_SECONDS)
    assert answer.status_code == 202, answer.text


def answers(running: RunningStack) -> dict[str, Any]:
    """Return all that the page speaks of, as the API answers it."""
    running.settle()
    assert running.rows("select reason from dead_letters") == []
    parts = ("summary", "deployments", "changes", "incidents")
    return {part: running.ask(f"/{part}?{SPAN}") for part in parts}


@pytest.fixture
def got(running: RunningStack) -> dict[str, Any]:
    """What the API answers when the story has happened."""
    for one in sent():
        tell(running, one)
    return answers(running)


def number(text: str) -> float:
    """Work out 4 / 7 or 18 * 3600."""
    one, sign, other = text.split()
    return int(one) / int(other) if sign == "/" else int(one) * int(other)


def test_the_five_metrics_are_those_worked_out_by_hand(got: dict[str, Any]) -> None:
    [shop] = got["summary"]["services"]

    assert shop["service"] == "shop"
    assert {name: shop["metrics"][name]["value"] for name in METRICS} == pytest.approx(
        {name: number(value) for name, value in METRICS.items()}
    )
    assert len(METRICS) == 5


def test_the_deployments_are_those_of_the_page(got: dict[str, Any]) -> None:
    told = [
        [
            one["deployed_at"],
            one["artifact"],
            one["commits"],
            one["shipped_changes"],
            "rollback" if one["is_rollback"] else "failed" if one["is_failed"] else "good",
            one["recovered_at"],
        ]
        for one in got["deployments"]["deployments"][::-1]
    ]

    assert told == [
        [
            told_at(when),
            f"pkg:oci/shop?repository_url={IMAGE}&tag={tag}",
            [f"https://github.com/acme/shop {sha(change)}"],
            int(ships),
            what,
            None if recovered == "never" else told_at(recovered),
        ]
        for when, tag, change, ships, what, recovered in table("deployed", "image")
    ]


def test_the_changes_are_those_of_the_page(got: dict[str, Any]) -> None:
    told = [
        [one["sha"], one["clock"], one[start], one["deployed_at"], one["lead_time_seconds"] / 60]
        for one in got["changes"]["changes"]
        for start in ["committed_at" if one["clock"] == "commit" else "opened_at"]
    ]

    assert sorted(told) == [
        [sha(change), clock, told_at(start), told_at(end), float(minutes)]
        for change, clock, start, end, minutes in table("change", "clock")
    ]


def test_the_incident_belongs_to_the_deployment_that_was_rolled_back(got: dict[str, Any]) -> None:
    [incident] = got["incidents"]["incidents"]
    [failed] = [one for one in got["deployments"]["deployments"] if one["is_failed"]]

    assert (incident["id"], incident["service"], incident["environment"]) == (
        "Q1",
        "shop",
        "production",
    )
    assert incident["deployment"] == failed["id"]
    assert incident["why"] == "it is the latest of its service before it"
    assert failed["artifact"].endswith("tag=1.5.0")


def test_sent_twice_in_any_order_it_is_the_same(running: RunningStack, got: dict[str, Any]) -> None:
    again = list(sent())
    random.Random(6).shuffle(again)  # noqa: S311 - an order
    for one in again:
        tell(running, one)

    assert answers(running) == got
