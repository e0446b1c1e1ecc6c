"""A shop's days on GitHub, as its webhooks report them and as its REST API does.

https://docs.github.com/en/rest: repos (activities), commits (compare), pulls, deployments, issues.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.events import example

NAME = "github-transformer"
REPOSITORY = "/repos/acme/shop"
PUSHES = {"01": "push", "02": "pr_merge", "03": "pr_merge", "04": "pr_merge", "05": "force_push"}
PULLS = ("14", "15", "16", "17", "18")
DEPLOYMENTS = ("21", "22", "24")
# Labelled as an incident a minute after it was opened, closed, and opened again.
ISSUE = ("29", "31", "32")


def webhooks() -> list[dict[str, Any]]:
    """Return everything that GitHub reported."""
    opened = [_opened(example(NAME, number)) for number in PULLS]
    numbers = [*PUSHES, *PULLS, "20", *DEPLOYMENTS, "23", *ISSUE]
    return [*opened, *(example(NAME, number) for number in numbers)]


def _opened(event: dict[str, Any]) -> dict[str, Any]:
    event["data"]["action"] = "opened"
    event["data"]["pull_request"] |= {"state": "open", "closed_at": None, "merged_at": None}
    return event


def places() -> dict[str, Any]:
    """Return what the API answers at each path."""
    repository = example(NAME, "14")["data"]["repository"] | {"stargazers_count": 7}
    found = {
        REPOSITORY: repository,
        f"{REPOSITORY}/activity": activities,
        f"{REPOSITORY}/pulls": [listed_pull(number) for number in reversed(PULLS)],
        f"{REPOSITORY}/deployments": [listed_deployment(number) for number in DEPLOYMENTS],
        f"{REPOSITORY}/issues": issues,
        f"{REPOSITORY}/issues/7/events": issue_events(),
    }
    for number in PUSHES:
        push = example(NAME, number)["data"]
        place = f"{REPOSITORY}/compare/{push['before']}...{push['after']}"
        found[place] = {"status": "ahead", "commits": [compared(one) for one in push["commits"]]}
    for number in DEPLOYMENTS:
        data = example(NAME, number)["data"]
        place = f"{REPOSITORY}/deployments/{data['deployment']['id']}/statuses"
        found[place] = statuses(data["deployment_status"])
    return found


def activities(parameters: dict[str, str]) -> list[dict[str, Any]]:
    """Return the activities of the branch that was asked for, the newest first."""
    assert parameters["ref"] == "main"
    made = {"before": "0" * 40, "after": "a" * 40, "timestamp": "2026-02-01T00:00:00Z"}
    found = [made | {"id": 1, "ref": "refs/heads/main", "activity_type": "branch_creation"}]
    for number, kind in PUSHES.items():
        push = example(NAME, number)["data"]
        pushed = datetime.fromtimestamp(push["repository"]["pushed_at"], UTC)
        found.insert(
            0,
            {
                "id": int(number) + 1,
                "before": push["before"],
                "after": push["after"],
                "ref": push["ref"],
                "timestamp": pushed.isoformat().replace("+00:00", "Z"),
                "activity_type": kind,
                "actor": {"login": "ada"},
            },
        )
    return found


def compared(commit: dict[str, Any]) -> dict[str, Any]:
    """Return a commit as a comparison lists it: with its times in UTC, the author's another one."""
    made = datetime.fromisoformat(commit["timestamp"]).astimezone(UTC)
    committed = made.isoformat().replace("+00:00", "Z")
    return {
        "sha": commit["id"],
        "commit": {
            "message": commit["message"],
            "author": commit["author"] | {"date": "2026-01-31T08:00:00Z"},
            "committer": commit["committer"] | {"date": committed},
        },
        "author": {"login": "ada"},
    }


def listed_pull(number: str) -> dict[str, Any]:
    """Return a pull request as a list has it: without `merged` and without counts."""
    pull: dict[str, Any] = example(NAME, number)["data"]["pull_request"]
    for name in ("merged", "merged_by", "commits"):
        del pull[name]
    return pull | {"updated_at": f"2026-04-{number}T00:00:00Z", "labels": []}


def listed_deployment(number: str) -> dict[str, Any]:
    """Return a deployment; what it says of itself is never `null` but `{}`."""
    deployment: dict[str, Any] = example(NAME, number)["data"]["deployment"]
    return deployment | {"statuses_url": "https://api.github.com/…"}


def statuses(last: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a deployment's statuses, the newest first: it was in progress, and is inactive now."""
    queued = last | {"id": 1, "state": "in_progress", "created_at": "2026-03-02T10:15:00Z"}
    again = last | {"id": 9998, "created_at": "2026-03-02T10:25:00Z"}
    inactive = last | {"id": 9999, "state": "inactive", "created_at": "2026-03-03T00:00:00Z"}
    return [inactive, again, last, queued]


def issues(parameters: dict[str, str]) -> list[dict[str, Any]]:
    """Return the issues with the label; a pull request is one too, for GitHub."""
    assert (parameters["state"], parameters["labels"]) == ("all", "incident")
    issue: dict[str, Any] = example(NAME, "32")["data"]["issue"]
    pull = issue | {"number": 12, "pull_request": {"url": "https://api.github.com/…"}}
    return [pull, issue | {"title": "Checkout was down"}]


def issue_events() -> list[dict[str, Any]]:
    """Return what happened to the incident, the oldest first."""
    renamed = {"from": "Checkout is down", "to": "Checkout was down"}
    return [
        {"event": "labeled", "created_at": "2026-03-02T10:31:00Z", "label": {"name": "incident"}},
        {"event": "assigned", "created_at": "2026-03-02T10:32:00Z", "assignee": {"login": "ada"}},
        {"event": "closed", "created_at": "2026-03-02T11:30:00Z", "commit_id": None},
        {"event": "reopened", "created_at": "2026-03-02T11:45:00Z"},
        {"event": "renamed", "created_at": "2026-03-02T11:50:00Z", "rename": renamed},
    ]
