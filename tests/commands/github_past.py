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
# A push to a release branch that there was, and one that makes a branch.
RELEASED = {"41": "push", "42": "branch_creation"}
PULLS = ("14", "15", "16", "17", "18", "44")
DEPLOYMENTS = ("21", "22", "24", "45", "46")
# Labelled as an incident a minute after it was opened, closed, and opened again.
ISSUE = ("29", "31", "32")


def webhooks() -> list[dict[str, Any]]:
    """Return everything that GitHub reported."""
    opened = [_opened(example(NAME, number)) for number in PULLS]
    numbers = [*PUSHES, *RELEASED, *PULLS, "20", *DEPLOYMENTS, "23", *ISSUE]
    return [*opened, *(example(NAME, number) for number in numbers), typed_issue()]


def typed_issue() -> dict[str, Any]:
    """Return the webhook of an issue that is an incident by its type, and is another than 7."""
    event = example(NAME, "52")
    event["data"]["issue"]["number"] = 8
    return event


def _opened(event: dict[str, Any]) -> dict[str, Any]:
    event["data"]["action"] = "opened"
    event["data"]["pull_request"] |= {"state": "open", "closed_at": None, "merged_at": None}
    return event


def places() -> dict[str, Any]:
    """Return what the API answers at each path."""
    repository = example(NAME, "14")["data"]["repository"] | {"stargazers_count": 7}
    found = {
        REPOSITORY: repository,
        f"{REPOSITORY}/activity": activities(),
        f"{REPOSITORY}/pulls": [listed_pull(number) for number in reversed(PULLS)],
        f"{REPOSITORY}/deployments": [listed_deployment(number) for number in DEPLOYMENTS],
        f"{REPOSITORY}/issues": issues,
        f"{REPOSITORY}/issues/7/events": issue_events(),
        f"{REPOSITORY}/issues/8/events": [],
    }
    for number in (*PUSHES, *RELEASED):
        push = example(NAME, number)["data"]
        listed = [compared(one) for one in push["commits"]]
        place = f"{REPOSITORY}/compare/{began(push)}...{push['after']}"
        found[place] = {"status": "ahead", "commits": listed}
        if len(listed) == 1:
            found[place]["files"] = files(push["commits"][0])
        for one, told in zip(listed, push["commits"], strict=True):
            found[f"{REPOSITORY}/commits/{one['sha']}"] = one | {"files": files(told)}
    for number in DEPLOYMENTS:
        data = example(NAME, number)["data"]
        place = f"{REPOSITORY}/deployments/{data['deployment']['id']}/statuses"
        found[place] = statuses(data["deployment_status"])
    return found


def began(push: dict[str, Any]) -> str:
    """Return where a push began; a new branch began where the default one was."""
    last: str = example(NAME, "05")["data"]["after"]
    return str(push["before"]) if push["before"].strip("0") else last


def activities() -> list[dict[str, Any]]:
    """Return what was done in the repository, the newest first."""
    made = {"before": "0" * 40, "after": "a" * 40, "timestamp": "2026-02-01T00:00:00Z"}
    found = [made | {"id": 1, "ref": "refs/heads/main", "activity_type": "branch_creation"}]
    for number, kind in (PUSHES | {"07": "push"} | RELEASED).items():
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
            "author": {
                "name": commit["author"]["name"],
                "email": commit["author"]["email"],
                "date": "2026-01-31T08:00:00Z",
            },
            "committer": commit["committer"] | {"date": committed},
        },
        "author": {"login": commit["author"]["username"]},
    }


def files(commit: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a commit touched, as the API lists it; what goes and comes was renamed."""
    renamed = [
        {"filename": new, "previous_filename": old, "status": "renamed"}
        for old, new in zip(commit["removed"], commit["added"], strict=True)
    ]
    return [*renamed, *({"filename": path, "status": "modified"} for path in commit["modified"])]


def listed_pull(number: str) -> dict[str, Any]:
    """Return a pull request as a list has it: without `merged` and without counts."""
    pull: dict[str, Any] = example(NAME, number)["data"]["pull_request"]
    for name in ("merged", "merged_by", "commits"):
        del pull[name]
    return pull | {"updated_at": f"2026-04-01T00:{number}:00Z", "labels": []}


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
    """Return the issues with the label, or all, as a GitHub does that knows no types; pulls are some too."""
    assert parameters["state"] == "all"
    issue: dict[str, Any] = example(NAME, "32")["data"]["issue"]
    if "labels" in parameters:
        assert parameters["labels"] == "incident"
        pull = issue | {"number": 12, "pull_request": {"url": "https://api.github.com/…"}}
        return [pull, issue | {"title": "Checkout was down"}]
    assert parameters["type"] == "Incident"
    typed: dict[str, Any] = typed_issue()["data"]["issue"]
    return [issue | {"number": 9, "type": None}, typed]


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
