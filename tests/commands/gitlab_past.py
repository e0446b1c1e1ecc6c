"""A shop's days on GitLab, as its webhooks report them and as its REST API does.

https://docs.gitlab.com/api/: events, repositories (compare), commits, merge_requests, deployments,
issues, resource_state_events, resource_label_events.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from dora.tools.payloads import time
from tests.events import example

NAME = "gitlab-transformer"
PROJECT = "/projects/acme%2Fstore%2Fshop"
PUSHES = ("01", "02", "03", "38")
# With a merge commit, by fast-forward, squashed and fast-forwarded, closed, to another branch.
# And into a release branch.
REQUESTS = ("09", "10", "11", "12", "13", "39")
# By a job, and by the API.
DEPLOYMENTS = ("16", "46")
INCIDENT = ("26", "27", "28")
LABELLED = ("32", "33")
AGAIN = "2026-03-09 00:00:00 UTC"


def webhooks() -> list[dict[str, Any]]:
    """Return everything that GitLab reported."""
    merge_requests = [request(number) for number in REQUESTS]
    opened = [_opened(event) for event in merge_requests]
    issues = [labelled(number) for number in LABELLED]
    others = [
        example(NAME, number) for number in (*PUSHES, "15", "41", *DEPLOYMENTS, "17", *INCIDENT)
    ]
    return [*opened, *merge_requests, *others, *issues, labelled_again()]


def request(number: str) -> dict[str, Any]:
    """Return the webhook that ends a merge request, which has a number of its own."""
    event = example(NAME, number)
    event["data"]["object_attributes"]["iid"] = int(number)
    return event


def _opened(event: dict[str, Any]) -> dict[str, Any]:
    opened = copy.deepcopy(event)
    opened["data"]["object_attributes"] |= {"action": "open", "merge_commit_sha": None}
    return opened


def labelled(number: str) -> dict[str, Any]:
    """Return a webhook of an issue that got the label and lost it, which is another than 7."""
    event = example(NAME, number)
    event["data"]["object_attributes"]["iid"] = 8
    return event


def labelled_again() -> dict[str, Any]:
    """Return the webhook of the issue that got the label once more."""
    event = labelled("32")
    event["data"]["object_attributes"]["updated_at"] = AGAIN
    return event


def places() -> dict[str, Any]:
    """Return what the API answers at each path."""
    found: dict[str, Any] = {
        PROJECT: example(NAME, "01")["data"]["project"] | {"star_count": 7},
        f"{PROJECT}/repository/compare": compare,
        f"{PROJECT}/events": [pushed(number) for number in reversed(PUSHES)],
        f"{PROJECT}/merge_requests": [listed_request(number) for number in reversed(REQUESTS)],
        f"{PROJECT}/deployments": deployments,
        f"{PROJECT}/environments": [
            {"id": 9, "name": "production", "tier": "production"},
            {"id": 10, "name": "blue", "tier": "other"},
        ],
        f"{PROJECT}/issues": issues,
    }
    head = example(NAME, "10")["data"]["object_attributes"]["last_commit"]
    found[f"{PROJECT}/repository/commits/{head['id']}"] = commit(head)
    for number in PUSHES:
        for one in example(NAME, number)["data"]["commits"]:
            found[f"{PROJECT}/repository/commits/{one['id']}/diff"] = diff(one)
    for iid, state_events, label_events in ((7, states(), []), (8, [], labellings())):
        found[f"{PROJECT}/issues/{iid}/resource_state_events"] = state_events
        found[f"{PROJECT}/issues/{iid}/resource_label_events"] = label_events
    return found


def pushed(number: str) -> dict[str, Any]:
    """Return a push as the project's events list it."""
    push = example(NAME, number)["data"]
    return {
        "id": int(number),
        "action_name": "pushed to",
        "created_at": "2026-03-02T12:00:00.123Z",
        "push_data": {
            "commit_count": push["total_commits_count"],
            "action": "pushed",
            "ref_type": "branch",
            "commit_from": push["before"],
            "commit_to": push["after"],
            "ref": push["ref"].removeprefix("refs/heads/"),
        },
    }


def compare(parameters: dict[str, str]) -> dict[str, Any]:
    """Return all commits between two, the oldest first, of which a webhook lists the newest 20."""
    for number in PUSHES:
        push = example(NAME, number)["data"]
        if (push["before"], push["after"]) == (parameters["from"], parameters["to"]):
            listed = [commit(one) for one in push["commits"]]
            missing = push["total_commits_count"] - len(listed)
            older = [listed[0] | {"id": f"{place:040x}"} for place in range(1, missing + 1)]
            return {"commits": [*older, *listed]}
    return {"commits": []}  # from a commit to one before it


def commit(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a commit as the API does: with milliseconds and the author's own, earlier time."""
    made = datetime.fromisoformat(time(fields, "timestamp")).astimezone(UTC)
    return {
        "id": fields["id"],
        "committed_date": made.isoformat(timespec="milliseconds"),
        "authored_date": "2026-01-31T08:00:00.000+00:00",
        "author_name": "Ada",
        "author_email": "ada@example.com",
        "title": "work",
    }


def diff(commit: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a commit touched, as the API lists it; what goes and comes was renamed."""
    pairs = [
        *zip(commit["removed"], commit["added"], strict=True),
        *((path, path) for path in commit["modified"]),
    ]
    return [{"old_path": old, "new_path": new} for old, new in pairs]


def _milliseconds(value: Any, name: str) -> str | None:
    return f"{time(value, name)[:19]}.987Z" if value.get(name) else None


def listed_request(number: str) -> dict[str, Any]:
    """Return a merge request as a list has it."""
    fields = request(number)["data"]["object_attributes"]
    ended = _milliseconds(fields, "updated_at")
    is_merged = fields["state"] == "merged"
    return {
        "iid": fields["iid"],
        "state": fields["state"],
        "target_branch": fields["target_branch"],
        "created_at": _milliseconds(fields, "created_at"),
        "updated_at": f"2026-04-01T00:{number}:00.000Z",
        "merged_at": ended if is_merged else None,
        "closed_at": ended if fields["state"] == "closed" else None,
        "sha": fields["last_commit"]["id"],
        "merge_commit_sha": fields["merge_commit_sha"],
        "squash_commit_sha": "c" * 40 if fields.get("squash") else None,
        "squash": fields.get("squash", False),
    }


def deployments(parameters: dict[str, str]) -> list[dict[str, Any]]:
    """Return those that succeeded."""
    assert (parameters["status"], parameters["order_by"]) == ("success", "updated_at")
    return [listed_deployment(number) for number in DEPLOYMENTS]


def listed_deployment(number: str) -> dict[str, Any]:
    """Return a deployment; that of a job changed once more after its end."""
    fields = example(NAME, number)["data"]
    job = example(NAME, "41")["data"]
    deployable = {"id": 796, "name": job["build_name"], "ref": "main", "tag": False}
    deployable |= {name: job[f"build_{name}"] for name in ("started_at", "finished_at")}
    ended = _milliseconds(fields, "status_changed_at")
    return {
        "id": fields["deployment_id"],
        "iid": 4,
        "sha": fields["commit_url"].rpartition("/")[2],
        "status": "success",
        "created_at": "2026-03-02T10:15:00.000Z",
        "updated_at": "2026-03-05T00:00:00.000Z" if fields["deployable_id"] else ended,
        "environment": {"id": 9, "name": fields["environment"], "external_url": None},
        "deployable": deployable if fields["deployable_id"] else None,
    }


def issues(parameters: dict[str, str]) -> list[dict[str, Any]]:
    """Return the incidents, or the issues with the label; the one that lost it, somebody gave it again."""
    if "labels" in parameters:
        assert parameters["labels"] == "incident"
        return [issue(labelled("32"), labels=["incident"])]
    assert parameters["issue_type"] == "incident"
    return [issue(example(NAME, "28"), labels=[])]


def issue(event: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    """Return an issue as a list has it."""
    fields = event["data"]["object_attributes"]
    return {
        "iid": fields["iid"],
        "title": fields["title"],
        "state": "opened",
        "issue_type": str(fields["type"]).lower(),
        "labels": labels,
        "confidential": False,
        "created_at": _milliseconds(fields, "created_at"),
        "updated_at": "2026-04-01T00:00:00.000Z",
        "closed_at": None,
    }


def states() -> list[dict[str, Any]]:
    """Return how the incident was closed and opened again."""
    return [
        {"id": 1, "created_at": "2026-03-02T11:30:00.456Z", "state": "closed"},
        {"id": 2, "created_at": "2026-03-02T11:45:00.456Z", "state": "reopened"},
    ]


def labellings() -> list[dict[str, Any]]:
    """Return how the label came, went and came again; one label is deleted since."""
    lost = time(labelled("33")["data"]["object_attributes"], "updated_at")[:19]
    label = {"id": 1, "name": "incident"}
    return [
        {"id": 1, "action": "add", "created_at": "2026-03-02T10:31:00.456Z", "label": label},
        {"id": 2, "action": "add", "created_at": "2026-03-02T10:32:00.456Z", "label": None},
        {"id": 3, "action": "remove", "created_at": f"{lost}.456Z", "label": label},
        {"id": 4, "action": "add", "created_at": "2026-03-09T00:00:00.456Z", "label": label},
    ]


def runs(pipeline: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    """Return what the API answers of a pipeline, of its job and of one that is a deployment."""
    told, ran = pipeline["data"]["object_attributes"], job["data"]
    moments = {name: _milliseconds(told, name) for name in ("created_at", "finished_at")}
    listed = {"id": told["id"], "name": told["name"], "updated_at": moments["finished_at"]}
    made = {
        "id": ran["build_id"],
        "name": ran["build_name"],
        "created_at": ran["build_created_at"],
        "started_at": ran["build_started_at"],
        "finished_at": ran["build_finished_at"],
        "commit": {"id": ran["sha"]},
        "ref": ran["ref"],
        "tag": ran["tag"],
    }
    return {
        f"{PROJECT}/pipelines": [listed | {"id": 7, "name": None}, listed],
        f"{PROJECT}/pipelines/{told['id']}": told | moments,
        f"{PROJECT}/jobs": [made, made | {"id": 796}, made | {"id": 5, "name": "test"}],
    }
