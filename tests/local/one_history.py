"""One history of a shop, as each way in reports it.

A pull request is merged with a merge commit and deployed; a commit is pushed and deployed, which
breaks the checkout; a second pull request mends it and is deployed; a third one is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.commands.github_past import REPOSITORY
from tests.commands.gitlab_past import PROJECT

DAY = "2026-03-02"
GITHUB, GITLAB = "https://github.com/acme/shop", "https://gitlab.com/acme/store/shop"
HEAD, MERGE, PUSHED, MENDING, MENDED, OTHER = (letter * 40 for letter in "123456")
START = "a" * 40


@dataclass(frozen=True)
class Push:
    """Commits that reach the main branch, with the times at which they were made."""

    before: str
    commits: dict[str, str]

    @property
    def after(self) -> str:
        return [*self.commits][-1]

    @property
    def when(self) -> str:
        return self.commits[self.after]


@dataclass(frozen=True)
class Request:
    """A pull request or merge request, merged or closed."""

    number: int
    opened: str
    closed: str
    head: str
    merge: str | None


@dataclass(frozen=True)
class Deployment:
    number: int
    commit: str
    started: str
    when: str
    is_good: bool = True


@dataclass(frozen=True)
class Incident:
    number: int
    title: str
    opened: str
    closed: str


def at(clock: str) -> str:
    return f"{DAY}T{clock}:00Z"


PUSHES = [
    Push(START, {HEAD: at("08:00"), MERGE: at("10:00")}),
    Push(MERGE, {PUSHED: at("11:00")}),
    Push(PUSHED, {MENDING: at("12:05"), MENDED: at("12:10")}),
]
REQUESTS = [
    Request(1, "2026-03-01T09:00:00Z", at("10:00"), HEAD, MERGE),
    Request(2, at("12:00"), at("12:10"), MENDING, MENDED),
    Request(3, at("09:00"), at("13:00"), OTHER, None),
]
DEPLOYMENTS = [
    Deployment(501, MERGE, at("10:15"), at("10:20")),
    Deployment(502, PUSHED, at("11:15"), at("11:20")),
    Deployment(503, MENDED, at("12:12"), at("12:15"), is_good=False),
    Deployment(504, MENDED, at("12:16"), at("12:20")),
]
INCIDENT = Incident(7, "Checkout is down", at("11:30"), at("12:30"))


# What GitHub sends: https://docs.github.com/en/webhooks/webhook-events-and-payloads
def github_webhooks() -> list[dict[str, Any]]:
    payloads: list[tuple[str, dict[str, Any]]] = [("push", _github_push(push)) for push in PUSHES]
    for request in REQUESTS:
        payloads.append(("pull_request", _github_pull(request, "opened")))
        payloads.append(("pull_request", _github_pull(request, "closed")))
    payloads += [("deployment_status", _github_deployment(one)) for one in DEPLOYMENTS]
    payloads += [("issues", _github_issue(action)) for action in ("opened", "labeled", "closed")]
    return [
        {
            "specversion": "1.0",
            "id": f"delivery-{number}",
            "source": GITHUB,
            "type": f"dev.knative.source.github.{kind}",
            "datacontenttype": "application/json",
            "data": {"repository": _github_repository(), **payload},
        }
        for number, (kind, payload) in enumerate(payloads)
    ]


def _github_repository() -> dict[str, Any]:
    return {
        "id": 4711,
        "name": "shop",
        "full_name": "acme/shop",
        "owner": {"login": "acme"},
        "html_url": GITHUB,
        "default_branch": "main",
    }


def _github_push(push: Push) -> dict[str, Any]:
    files: dict[str, Any] = {"tree_id": "t", "distinct": True, "committer": {}}
    files |= {"added": [], "removed": [], "modified": ["shop.py"]}
    commits = [{"id": sha, "timestamp": made, **files} for sha, made in push.commits.items()]
    return {
        "ref": "refs/heads/main",
        "before": push.before,
        "after": push.after,
        "commits": commits,
        "repository": _github_repository() | {"pushed_at": push.when},
    }


def _github_pull(request: Request, action: str) -> dict[str, Any]:
    is_closed = action == "closed"
    pull = {
        "number": request.number,
        "created_at": request.opened,
        "closed_at": request.closed if is_closed else None,
        "merged_at": request.closed if is_closed and request.merge else None,
        "merge_commit_sha": request.merge if is_closed else None,
        "head": {"sha": request.head},
        "base": {"ref": "main"},
    }
    return {"action": action, "pull_request": pull}


def _github_deployment(one: Deployment) -> dict[str, Any]:
    state = "success" if one.is_good else "failure"
    listed = {
        "id": one.number,
        "sha": one.commit,
        "task": "deploy",
        "environment": "production",
        "payload": {},
        "created_at": one.started,
    }
    return {
        "action": "created",
        "deployment": listed,
        "deployment_status": {"id": 1, "state": state, "created_at": one.when},
    }


def _github_issue(action: str = "closed") -> dict[str, Any]:
    is_closed = action == "closed"
    issue = {
        "number": INCIDENT.number,
        "title": INCIDENT.title,
        "labels": [{"name": "incident"}],
        "created_at": INCIDENT.opened,
        "updated_at": INCIDENT.closed if is_closed else INCIDENT.opened,
        "closed_at": INCIDENT.closed if is_closed else None,
    }
    label = {"label": {"name": "incident"}} if action == "labeled" else {}
    return {"action": action, "issue": issue, **label}


# What GitHub answers: https://docs.github.com/en/rest
def github_places() -> dict[str, Any]:
    pulls = [_github_pull(one, "closed")["pull_request"] for one in REQUESTS]
    deployments = [_github_deployment(one)["deployment"] for one in DEPLOYMENTS]
    labeled = {"event": "labeled", "created_at": INCIDENT.opened, "label": {"name": "incident"}}
    found: dict[str, Any] = {
        REPOSITORY: _github_repository(),
        f"{REPOSITORY}/activity": [_activity(push) for push in reversed(PUSHES)],
        f"{REPOSITORY}/pulls": [pull | {"updated_at": pull["closed_at"]} for pull in pulls],
        f"{REPOSITORY}/deployments": [one | {"updated_at": at("14:00")} for one in deployments],
        f"{REPOSITORY}/issues": [_github_issue()["issue"]],
        f"{REPOSITORY}/issues/{INCIDENT.number}/events": [
            labeled,
            {"event": "closed", "created_at": INCIDENT.closed},
        ],
    }
    for push in PUSHES:
        place = f"{REPOSITORY}/compare/{push.before}...{push.after}"
        found[place] = {"commits": [_compared(*one) for one in push.commits.items()]}
        for sha, made in push.commits.items():
            touched = [{"filename": "shop.py", "status": "modified"}]
            found[f"{REPOSITORY}/commits/{sha}"] = _compared(sha, made) | {"files": touched}
    for one in DEPLOYMENTS:
        status = _github_deployment(one)["deployment_status"]
        found[f"{REPOSITORY}/deployments/{one.number}/statuses"] = [status]
    return found


def _activity(push: Push) -> dict[str, Any]:
    moved = {"before": push.before, "after": push.after, "timestamp": push.when}
    return moved | {"ref": "refs/heads/main", "activity_type": "push"}


def _compared(sha: str, made: str) -> dict[str, Any]:
    return {"sha": sha, "commit": {"committer": {"date": made}, "author": {"date": START}}}


# What GitLab sends: https://docs.gitlab.com/user/project/integrations/webhook_events/
def gitlab_webhooks() -> list[tuple[str, dict[str, Any]]]:
    """Return each webhook with its header."""
    payloads = [("Push Hook", _gitlab_push(push)) for push in PUSHES]
    for request in REQUESTS:
        payloads.append(("Merge Request Hook", _gitlab_request(request, "open")))
        ended = "merge" if request.merge else "close"
        payloads.append(("Merge Request Hook", _gitlab_request(request, ended)))
    payloads += [("Job Hook", _gitlab_job(one)) for one in DEPLOYMENTS]
    payloads += [("Deployment Hook", _gitlab_deployment(one)) for one in DEPLOYMENTS]
    payloads += [("Work Item Hook", _gitlab_incident(action)) for action in ("open", "close")]
    return [(header, {"project": _gitlab_project(), **payload}) for header, payload in payloads]


def _utc(moment: str) -> str:
    return moment.replace("T", " ").replace("Z", " UTC")


def _gitlab_project() -> dict[str, Any]:
    return {"id": 15, "name": "The Shop", "web_url": GITLAB, "default_branch": "main"}


def _gitlab_push(push: Push) -> dict[str, Any]:
    files: dict[str, Any] = {"added": [], "removed": [], "modified": ["shop.py"]}
    commits = [{"id": sha, "timestamp": made, **files} for sha, made in push.commits.items()]
    return {
        "ref": "refs/heads/main",
        "before": push.before,
        "after": push.after,
        "commits": commits,
        "total_commits_count": len(commits),
    }


def _gitlab_request(request: Request, action: str) -> dict[str, Any]:
    made = next(
        (push.commits.get(request.head) for push in PUSHES if request.head in push.commits), None
    )
    attributes = {
        "iid": request.number,
        "action": action,
        "target_branch": "main",
        "created_at": _utc(request.opened),
        "updated_at": _utc(request.opened if action == "open" else request.closed),
        "merge_commit_sha": request.merge if action == "merge" else None,
        "last_commit": {"id": request.head, "timestamp": made},
    }
    return {"object_attributes": attributes}


def _gitlab_deployment(one: Deployment) -> dict[str, Any]:
    return {
        "status": "success" if one.is_good else "failed",
        "status_changed_at": one.when.replace("T", " ").replace("Z", " +0000"),
        "deployment_id": one.number,
        "deployable_id": one.number + 300,
        "environment": "production",
        "environment_tier": "other",
        "commit_url": f"{GITLAB}/-/commit/{one.commit}",
    }


def _gitlab_job(one: Deployment) -> dict[str, Any]:
    return {
        "object_kind": "build",
        "build_id": one.number + 300,
        "build_name": "deploy",
        "build_status": "success" if one.is_good else "failed",
        "build_started_at": one.started.replace("Z", ".123Z"),
        "build_started_at_iso": one.started,
        "build_finished_at": _fine(one.when),
        "build_finished_at_iso": one.when,
        "sha": one.commit,
        "environment": {"name": "production", "action": "start", "deployment_tier": "other"},
    }


def _gitlab_incident(action: str) -> dict[str, Any]:
    is_closed = action == "close"
    attributes = {
        "iid": INCIDENT.number,
        "title": INCIDENT.title,
        "type": "Incident",
        "action": action,
        "created_at": _utc(INCIDENT.opened),
        "updated_at": _utc(INCIDENT.closed if is_closed else INCIDENT.opened),
        "closed_at": _utc(INCIDENT.closed) if is_closed else None,
    }
    return {"object_attributes": attributes, "labels": []}


# What GitLab answers: https://docs.gitlab.com/api/rest/
def gitlab_places() -> dict[str, Any]:
    issues = f"{PROJECT}/issues/{INCIDENT.number}"
    return {
        PROJECT: _gitlab_project(),
        f"{PROJECT}/events": [_pushed(push) for push in reversed(PUSHES)],
        f"{PROJECT}/repository/compare": _gitlab_compare,
        f"{PROJECT}/merge_requests": [_listed_request(one) for one in REQUESTS],
        f"{PROJECT}/deployments": [_listed(one) for one in DEPLOYMENTS if one.is_good],
        f"{PROJECT}/environments": [{"name": "production", "tier": "other"}],
        **{
            f"{PROJECT}/repository/commits/{sha}/diff": [
                {"old_path": "shop.py", "new_path": "shop.py"}
            ]
            for push in PUSHES
            for sha in push.commits
        },
        f"{PROJECT}/issues": _gitlab_issues,
        f"{issues}/resource_state_events": [
            {"created_at": _fine(INCIDENT.closed), "state": "closed"}
        ],
        f"{issues}/resource_label_events": [],
    }


def _fine(moment: str) -> str:
    return moment.replace("Z", ".321Z")


def _pushed(push: Push) -> dict[str, Any]:
    data = {"ref_type": "branch", "ref": "main", "commit_from": push.before}
    data["commit_to"] = push.after
    return {"id": PUSHES.index(push), "created_at": _fine(push.when), "push_data": data}


def _gitlab_compare(parameters: dict[str, str]) -> dict[str, Any]:
    [push] = [one for one in PUSHES if one.after == parameters["to"]]
    listed = [{"id": sha, "committed_date": made} for sha, made in push.commits.items()]
    return {"commits": listed}


def _listed_request(request: Request) -> dict[str, Any]:
    return {
        "iid": request.number,
        "state": "merged" if request.merge else "closed",
        "target_branch": "main",
        "created_at": _fine(request.opened),
        "updated_at": _fine(request.closed),
        "merged_at": _fine(request.closed) if request.merge else None,
        "closed_at": None if request.merge else _fine(request.closed),
        "sha": request.head,
        "merge_commit_sha": request.merge,
        "squash": False,
    }


def _listed(one: Deployment) -> dict[str, Any]:
    return {
        "id": one.number,
        "sha": one.commit,
        "updated_at": at("23:00"),
        "environment": {"name": "production"},
        "deployable": {
            "id": one.number + 300,
            "name": "deploy",
            "started_at": _fine(one.started),
            "finished_at": _fine(one.when),
        },
    }


def _gitlab_issues(parameters: dict[str, str]) -> list[dict[str, Any]]:
    if "labels" in parameters:
        return []
    return [
        {
            "iid": INCIDENT.number,
            "title": INCIDENT.title,
            "issue_type": "incident",
            "labels": [],
            "confidential": False,
            "created_at": _fine(INCIDENT.opened),
            "updated_at": _fine(INCIDENT.closed),
        }
    ]
