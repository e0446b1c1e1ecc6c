"""The story of docs/story.md: each row of its table as its tool sends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.argocd import notification

DOCUMENT = (Path(__file__).parents[2] / "docs" / "story.md").read_text()
REPOSITORY, IMAGE = "https://github.com/acme/shop", "harbor.example.com/acme/shop"
PROXY = "envoyproxy/envoy:v1.31.0"


@dataclass(frozen=True)
class Webhook:
    """What is posted to a path of the webhooks endpoint."""

    path: str
    payload: dict[str, Any]
    headers: dict[str, str]


@dataclass(frozen=True)
class CloudEvent:
    """What is sent to the Broker itself."""

    attributes: dict[str, str]
    data: dict[str, Any]


Sent = Webhook | CloudEvent


@dataclass(frozen=True)
class Row:
    when: str
    tool: str
    what: str
    detail: str


# What catalog.yaml has to say for it.
CATALOG = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)[0]


def table(*first: str) -> list[list[str]]:
    """Return the rows of the table whose columns begin with these."""
    text = DOCUMENT[DOCUMENT.index(f"| {' | '.join(first)} |") :].partition("\n\n")[0]
    _head, _line, *rows = text.splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def told_at(text: str) -> str:
    """Return a moment of the page as events have it."""
    return f"{text.replace(' ', 'T')}:00Z"


ROWS = [Row(told_at(when), *others) for when, *others in table("when", "tool")]


def sent() -> Iterator[Sent]:
    """Return all that the tools send, in the order of the story."""
    for row in ROWS:
        yield from TOOLS[row.tool](row)


def sha(short: str) -> str:
    """Return the full name of a commit."""
    return short * 20


def _before(row: Row) -> list[Row]:
    """Return the rows of the same tool and kind up to this one."""
    rows = ROWS[: ROWS.index(row) + 1]
    return [one for one in rows if (one.tool, one.what) == (row.tool, row.what)]


# https://docs.github.com/en/webhooks/webhook-events-and-payloads
def _github(row: Row) -> Iterator[Sent]:
    kind, payload = _push(row) if row.what == "pushed" else _pull_request(row)
    headers = {"X_GitHub_Event": kind, "X_GitHub_Delivery": _uuid(f"{row}")}
    yield Webhook("/github", payload, headers)


def _push(row: Row) -> tuple[str, dict[str, Any]]:
    tips = ["99", *(re.findall(r"(\w+) of", one.detail)[-1] for one in _before(row))]
    commits = [
        {"id": sha(name), "timestamp": told_at(made), "distinct": True}
        for name, made in re.findall(r"(\w\w) of (\S+ \S+?)(?:,|$)", row.detail)
    ]
    pushed_at = int(datetime.fromisoformat(row.when).timestamp())
    moved = {"before": sha(tips[-2]), "after": sha(tips[-1]), "forced": False}
    repository = _repository() | {"pushed_at": pushed_at}
    payload = {"ref": "refs/heads/main", "commits": commits, "repository": repository}
    return "push", moved | payload


def _pull_request(row: Row) -> tuple[str, dict[str, Any]]:
    number, head, _, merge = re.findall(r"request (\d+) at (\w+)( as (\w+))?", row.detail)[0]
    opened = next(one for one in ROWS if one.detail.startswith(f"pull request {number} "))
    closed = row.when if merge else None
    pull = {
        "number": int(number),
        "created_at": opened.when,
        "closed_at": closed,
        "merged_at": closed,
        "merge_commit_sha": sha(merge) if merge else None,
        "head": {"ref": f"change-{number}", "sha": sha(head)},
        "base": {"ref": "main"},
    }
    action = "closed" if merge else "opened"
    return "pull_request", {"action": action, "pull_request": pull, "repository": _repository()}


def _repository() -> dict[str, Any]:
    return {
        "name": "shop",
        "owner": {"login": "acme"},
        "html_url": REPOSITORY,
        "default_branch": "main",
    }


# https://tekton.dev/docs/pipelines/events/, https://tekton.dev/docs/chains/slsa-provenance/
def _tekton(row: Row) -> Iterator[Sent]:
    *image, commit = re.findall(r"\b[a-d]\d\b", row.detail)
    for kind in ("taskRun", "pipelineRun"):
        name = f"shop-build-{commit}" + ("-image" if kind == "taskRun" else "")
        happened = "successful" if image else "started"
        attributes = {
            "type": f"dev.tekton.event.{kind.lower()}.{happened}.v1",
            "id": _uuid(f"{kind} {row}"),
            "source": f"/apis/tekton.dev/v1/namespaces/ci/{kind}/{name}",
            "specversion": "1.0",
        }
        yield CloudEvent(attributes, {kind: _run(row, kind, name, [*image, commit])})


def _run(row: Row, kind: str, name: str, names: list[str]) -> dict[str, Any]:
    labels = {"tekton.dev/pipeline": "shop-build", "tekton.dev/pipelineTask": "image"}
    status: dict[str, Any] = {"startTime": row.when}
    if len(names) > 1:
        results = {"IMAGE_URL": IMAGE, "IMAGE_DIGEST": _digest(names[0])}
        if kind == "pipelineRun":
            results |= {"CHAINS-GIT_COMMIT": sha(names[1]), "CHAINS-GIT_URL": f"{REPOSITORY}.git"}
        status |= {
            "completionTime": row.when,
            "conditions": [{"type": "Succeeded", "status": "True", "reason": "Succeeded"}],
            "results": [{"name": name, "value": value} for name, value in results.items()],
        }
    metadata = {"name": name, "namespace": "ci", "uid": _uuid(name), "labels": labels}
    return {"metadata": metadata, "spec": {}, "status": status}


def _digest(short: str) -> str:
    return f"sha256:{short * 32}"


# https://goharbor.io/docs/latest/working-with-projects/project-configuration/configure-webhooks/
def _harbor(row: Row) -> Iterator[Sent]:
    digest, tag = row.detail.split(" as ")
    resource = {"digest": _digest(digest), "tag": tag, "resource_url": f"{IMAGE}:{tag}"}
    payload = {
        "type": "PUSH_ARTIFACT",
        "occur_at": int(datetime.fromisoformat(row.when).timestamp()),
        "operator": "robot$ci",
        "event_data": {
            "resources": [resource],
            "repository": {"name": "shop", "namespace": "acme", "repo_full_name": "acme/shop"},
        },
    }
    yield Webhook("/harbor", payload, {})


# https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml
def _argocd(row: Row) -> Iterator[Sent]:
    tag, revision = row.detail.split(" by ")
    history = [
        {"id": number, "revision": sha(one.detail[-2:]), "deployedAt": one.when}
        for number, one in enumerate(_before(row))
    ]
    operation = {"phase": "Succeeded", "finishedAt": row.when}
    app = {
        "metadata": {"name": "shop", "namespace": "argocd", "uid": _uuid("shop")},
        "spec": {"destination": {"namespace": "production"}},
        "status": {
            "health": {"status": "Healthy", "lastTransitionTime": row.when},
            "operationState": operation | {"syncResult": {"revision": sha(revision)}},
            "summary": {"images": [PROXY, f"{IMAGE}:{tag}"]},
            "history": history,
        },
    }
    content_type = "application/cloudevents+json"
    yield Webhook("/argocd", notification("deployed", app), {"content_type": content_type})


# https://developer.pagerduty.com/docs/webhooks-overview
def _pagerduty(row: Row) -> Iterator[Sent]:
    [triggered] = (one for one in ROWS if (one.what, one.detail) == ("triggered", row.detail))
    incident = {
        "id": row.detail,
        "type": "incident",
        "html_url": f"https://acme.pagerduty.com/incidents/{row.detail}",
        "status": row.what,
        "created_at": triggered.when,
        "title": "Checkout answers 500",
        "service": {"id": "PCHECKOUT", "type": "service_reference", "summary": "Checkout (EU)"},
    }
    event = {"id": _uuid(f"{row}"), "event_type": f"incident.{row.what}", "occurred_at": row.when}
    yield Webhook("/pagerduty", {"event": event | {"data": incident}}, {})


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


TOOLS = {
    "GitHub": _github,
    "Tekton": _tekton,
    "Harbor": _harbor,
    "Argo CD": _argocd,
    "PagerDuty": _pagerduty,
}
