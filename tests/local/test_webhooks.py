"""What GitHub and GitLab send, through the whole stack, by each way in."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.events import as_a_githubsource_tells, example
from tests.local.conftest import RunningStack
from tests.tables import EMPTY

# A day of a shop: pushed, a pull request opened and squashed, deployed, an incident, over, and more.
# Workflow runs are not in it, which a GitHubSource does not know.
HISTORY = [
    "01",
    "13",
    "14",
    "02",
    "20",
    "21",
    "23",
    "29",
    "31",
    "32",
    "31",
    "22",
    "24",
    "25",
    "15",
    "03",
    "10",
    "08",
]
LOG = "select cd_source, cd_id, cd_timestamp, content from cdevents_raw order by cd_source, cd_id"
KINDS = "select cd_subject, cd_predicate, count(*) from cdevents_raw group by 1, 2 order by 1, 2"
BY_HAND = [
    ["artifact", "published", 1],
    ["change", "created", 1],
    ["change", "merged", 5],  # two pull requests, their pushes, and a push alone
    ["incident", "detected", 3],  # when it was made, when it got the label, and reopened
    ["incident", "resolved", 1],
    ["service", "deployed", 2],
]


def payloads() -> list[dict[str, Any]]:
    """Return the history without what a GitHubSource loses of a deployment."""
    events = [example("github-transformer", number) for number in HISTORY]
    for event in events:
        if "deployment" in event["data"]:
            event["data"]["deployment"] |= {"payload": {}, "production_environment": False}
    return events


def by_webhooks(running: RunningStack, events: list[dict[str, Any]]) -> None:
    for event in events:
        kind = event["type"].rpartition(".")[2]
        answer = running.deliver(
            "/github", event["data"], X_GitHub_Event=kind, X_GitHub_Delivery=event["id"]
        )
        assert (answer.status_code, answer.text) == (202, "")


def by_githubsource(running: RunningStack, events: list[dict[str, Any]]) -> None:
    for event in events:
        assert running.send(as_a_githubsource_tells(event)).status_code == 202


def log_of(running: RunningStack) -> list[list[Any]]:
    running.settle()
    assert running.rows("select * from dead_letters") == []
    return running.rows(LOG)


def cleared(running: RunningStack) -> RunningStack:
    running.rows(EMPTY)
    return running


def test_a_history_is_the_same_by_webhooks_and_by_githubsource(running: RunningStack) -> None:
    by_webhooks(running, payloads())
    first = log_of(running)
    kinds = running.rows(KINDS)

    by_githubsource(cleared(running), payloads())
    second = log_of(running)

    assert kinds == BY_HAND
    assert first == second


def test_both_ways_at_once_in_any_order_change_nothing(running: RunningStack) -> None:
    by_webhooks(running, payloads())
    first = log_of(running)

    shuffled = random.Random(5).sample(payloads() * 2, 2 * len(HISTORY))  # noqa: S311 - an order
    by_githubsource(cleared(running), shuffled)
    by_webhooks(running, shuffled[::-1])

    assert log_of(running) == first


def test_both_ways_at_once_keep_what_only_one_of_them_knows(running: RunningStack) -> None:
    deployment = [example("github-transformer", "21")]
    by_webhooks(running, deployment)
    first = log_of(running)

    by_githubsource(cleared(running), deployment)
    by_webhooks(running, deployment)
    by_githubsource(running, deployment)

    assert log_of(running) == first
    assert first[0][3]["customData"]["dora"]["tier"] == "production"


def test_a_deployment_on_github_is_in_the_answer(running: RunningStack) -> None:
    by_webhooks(running, [example("github-transformer", number) for number in HISTORY])
    running.settle()

    assert running.ask("/deploy-frequency/day") == [
        {"DeployName": "cart", "Deployments": 1, "Time": "2026-03-02T00:00:00Z"},
        {"DeployName": "shop", "Deployments": 1, "Time": "2026-03-02T00:00:00Z"},
    ]


def test_a_closed_issue_that_becomes_an_incident_arrives_as_two(running: RunningStack) -> None:
    event = example("github-transformer", "29")
    event["data"]["issue"] |= {"state": "closed", "closed_at": "2026-03-02T10:45:00Z"}

    by_webhooks(running, [event])
    running.settle()

    assert running.rows(KINDS) == [["incident", "detected", 1], ["incident", "resolved", 1]]


def test_gitlabs_examples_arrive_by_webhooks(running: RunningStack) -> None:
    folder = Path(__file__).parents[1] / "functions" / "gitlab-transformer"
    outputs = [json.loads(file.read_text()) for file in folder.glob("outputs/*.json")]
    for file in sorted(folder.glob("inputs/*.json")):
        event = json.loads(file.read_text())
        header = event["comgitlabevent"]
        answer = running.deliver("/gitlab", event["data"], X_Gitlab_Event=header)
        assert answer.status_code == 202
    running.settle()

    arrived = {row[0] for row in running.rows("select cd_id from cdevents_raw")}
    assert arrived == {event["id"] for event in outputs}
    assert running.rows("select * from dead_letters") == []


def test_the_largest_push_arrives_shortened_to_what_a_broker_takes(running: RunningStack) -> None:
    push = example("github-transformer", "01")["data"]
    commit = push["commits"][0] | {"message": "m" * 2350}
    push["commits"] = [commit | {"id": f"{number:040x}"} for number in range(1, 1800)]

    answer = running.deliver("/github", push, X_GitHub_Event="push", X_GitHub_Delivery="d-1")
    running.settle()

    assert 5_000_000 < len(json.dumps(push)) < 5 * 1024 * 1024
    assert answer.status_code == 202
    assert running.rows("select * from dead_letters") == []
    assert running.rows("select count(*) from cloudevents_raw") == [[1]]
    commits = "jsonb_array_elements(content #> '{customData,dora,commits}') as made"
    counted = "count(*), count(made -> 'committedAt'), count(made -> 'paths')"
    assert running.rows(f"select {counted} from cdevents_raw, {commits}") == [[1799, 1799, 1799]]


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("/github", "X_Hub_Signature_256", 401),
        ("/gitlab", "X_Gitlab_Token", 401),
        ("/pagerduty", "X_PagerDuty_Signature", 401),
        ("/jenkins", "Authorization", 503),  # no secret is set
    ],
)
def test_an_unsigned_webhook_leaves_no_trace(
    running: RunningStack, path: str, header: str, status: int
) -> None:
    event = {"X_GitHub_Event": "push", "X_Gitlab_Event": "Push Hook"}
    answer = running.deliver(path, {"event": {"id": "1"}}, **event, **{header: ""})
    running.settle()

    assert answer.status_code == status
    assert running.rows("select * from cloudevents_raw") == []
