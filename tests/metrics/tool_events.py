"""What tools send, as short as it can be and still what they send: for stories of our own.

Times are of November 2026 in UTC, written `20T09:00`.
"""

from __future__ import annotations

import calendar
import time
from hashlib import sha1, sha256
from typing import Any

Json = dict[str, Any]
GITHUB, GITLAB = "https://github.com/acme/shop", "https://gitlab.com/acme/shop"
NEW = "0" * 40


def at(moment: str) -> str:
    """Return a moment of November 2026: `20T09:00` or `20T09:00:30`."""
    return f"2026-11-{moment}{':00' if moment.count(':') == 1 else ''}Z"


def milliseconds(moment: str) -> int:
    """Return a moment in milliseconds since 1970."""
    return calendar.timegm(time.strptime(at(moment), "%Y-%m-%dT%H:%M:%SZ")) * 1000


def commit(name: str) -> str:
    """Return the full name of a commit that has a short one here."""
    return sha1(name.encode(), usedforsecurity=False).hexdigest()


def digest(name: str) -> str:
    """Return the digest of an image that has a short name here."""
    return f"sha256:{sha256(name.encode()).hexdigest()}"


def image(tag: str, name: str = "shop", by: str = "") -> str:
    """Return an image's package URL, by digest too where there is one."""
    version = f"@{by}" if by else ""
    return f"pkg:oci/{name}{version}?repository_url=ghcr.io/acme/{name}&tag={tag}"


def cloudevent(kind: str, data: Any, source: str = "/acme", **attributes: str) -> Json:
    """Return a CloudEvent with an id of its content."""
    known: Json = {
        "specversion": "1.0",
        "source": source,
        "type": kind,
        "id": commit(f"{kind} {data}"),
    }
    return known | {"datacontenttype": "application/json"} | attributes | {"data": data}


def cdevent(kind: str, subject: str, moment: str, content: Json, **dora: Any) -> Json:
    """Return a CDEvent as anybody may send one."""
    type_, id_ = f"dev.cdevents.{kind}.0.3.0", f"{kind}/{subject}/{moment}"
    context = {"specversion": "0.5.1", "id": id_, "source": "/acme", "type": type_}
    data: Json = {
        "context": context | {"timestamp": at(moment)},
        "subject": {"id": subject, "content": content},
        **({"customData": {"dora": dora}} if dora else {}),
    }
    return cloudevent(type_, data, subject=subject, time=at(moment)) | {"id": id_}


def deployed(
    moment: str, tag: str, service: str = "shop", where: str = "production", **dora: Any
) -> Json:
    """Return a deployment of an image."""
    content = {"environment": {"id": where}, "artifactId": image(tag, service)}
    return cdevent("service.deployed", service, moment, content, **dora)


def packaged(moment: str, artifact: str, made_of: str, source: str = GITHUB) -> Json:
    """Return what says of which commit an image was made."""
    change = {"id": commit(made_of), "source": source}
    return cdevent("artifact.packaged", artifact, moment, {"change": change})


def webhook(path: str, body: Json, **headers: str) -> Json:
    """Return a post to the webhooks endpoint."""
    named: Json = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"path": path, "headers": named, "body": body}


def github(event: str, body: Json, name: str = "acme/shop", number: int = 1) -> Json:
    """Return a webhook of GitHub."""
    owner, _, short = name.partition("/")
    repository: Json = {"id": number, "name": short, "full_name": name, "default_branch": "main"}
    repository |= {"html_url": f"https://github.com/{name}", "owner": {"login": owner}}
    repository |= body.pop("repository", {})
    return webhook("/github", body | {"repository": repository}, X_GitHub_Event=event)


def github_push(
    moment: str,
    *commits: tuple[str, str],
    before: str = "",
    branch: str = "main",
    **where: Any,
) -> Json:
    """Return a push of commits, each with the moment that it was made at."""
    listed = [{"id": commit(name), "timestamp": at(made)} for name, made in commits]
    start = commit(before) if before else NEW
    pushed = {"repository": {"pushed_at": milliseconds(moment) // 1000}}
    body: Json = {"ref": f"refs/heads/{branch}", "before": start, "after": listed[-1]["id"]}
    return github("push", body | {"commits": listed, "head_commit": listed[-1]} | pushed, **where)


def github_deployment(
    moment: str,
    of: str,
    id_: int,
    state: str = "success",
    status: Json | None = None,
    **more: Any,
) -> Json:
    """Return what became of a deployment of GitHub."""
    where = {name: more.pop(name) for name in ("name", "number") if name in more}
    deployment: Json = {
        "id": id_,
        "sha": commit(of),
        "ref": "main",
        "task": "deploy",
        "payload": {},
    }
    deployment |= {"environment": "production", "created_at": at(moment)} | more
    found: Json = {"id": id_ * 10, "state": state, "created_at": at(moment)} | (status or {})
    body: Json = {"action": "created", "deployment_status": found, "deployment": deployment}
    return github("deployment_status", body, **where)


def github_issue(
    action: str, moment: str, made: str, closed: str | None = None, **more: Any
) -> Json:
    """Return what happened to an issue that has the incident's label, unless more says another."""
    beside: Json = {name: more.pop(name) for name in ("label", "kind") if name in more}
    where = {name: more.pop(name) for name in ("name", "number") if name in more}
    issue: Json = {"number": 7, "title": "down", "labels": [{"name": "incident"}]}
    issue |= {"created_at": at(made), "updated_at": at(moment)}
    issue |= {"closed_at": at(closed) if closed else None, "state": "closed" if closed else "open"}
    about: Json = {"label": beside.get("label"), "type": beside.get("kind")}
    body: Json = {"action": action, "issue": issue | more}
    body |= {name: value for name, value in about.items() if value}
    return github("issues", body, **where)


def gitlab(header: str, body: Json) -> Json:
    """Return a webhook of GitLab."""
    project: Json = {"id": 12, "name": "shop", "web_url": GITLAB, "default_branch": "main"}
    project |= {"path_with_namespace": "acme/shop", "git_http_url": f"{GITLAB}.git"}
    return webhook("/gitlab", body | {"project": project}, X_Gitlab_Event=header)


def gitlab_push(*commits: tuple[str, str], before: str = "", branch: str = "main") -> Json:
    """Return a push of commits, each with the moment that it was made at."""
    listed = [{"id": commit(name), "timestamp": at(made)} for name, made in commits]
    body: Json = {
        "object_kind": "push",
        "ref": f"refs/heads/{branch}",
        "total_commits_count": len(listed),
    }
    body |= {"before": commit(before) if before else NEW, "after": listed[-1]["id"]}
    return gitlab("Push Hook", body | {"commits": listed})


def gitlab_deployment(
    moment: str, of: str, number: int, status: str = "success", **more: Any
) -> Json:
    """Return what became of a deployment of GitLab."""
    body: Json = {"object_kind": "deployment", "status": status, "deployment_id": number}
    body |= {
        "status_changed_at": at(moment),
        "environment": "production",
        "short_sha": commit(of)[:8],
    }
    body |= {"commit_url": f"{GITLAB}/-/commit/{commit(of)}", "deployable_id": number + 1000}
    return gitlab("Deployment Hook", body | more)


def jira(event: str, moment: str, made: str, *changes: tuple[str, str, str], **more: Any) -> Json:
    """Return what happened to an issue of the type Incident, unless more says another."""
    fields: Json = {"summary": "down", "issuetype": {"name": "Incident"}, "project": {"key": "OPS"}}
    fields |= {"created": at(made), "resolution": None, "resolutiondate": None, "labels": []}
    fields |= {"components": [{"name": "shop"}], "creator": {"displayName": "Ada"}}
    fields |= {"status": {"name": "Open", "statusCategory": {"key": "new"}}} | more
    items = [{"field": name, "fromString": old, "toString": new} for name, old, new in changes]
    issue: Json = {"id": "10001", "key": "OPS-1", "fields": fields}
    issue["self"] = "https://acme.atlassian.net/rest/api/2/10001"
    body: Json = {
        "timestamp": milliseconds(moment),
        "webhookEvent": f"jira:issue_{event}",
        "issue": issue,
    }
    return webhook("/jira", body | ({"changelog": {"id": "1", "items": items}} if items else {}))


def status(name: str, category: str) -> Json:
    """Return the status of an issue of Jira."""
    return {"status": {"name": name, "statusCategory": {"key": category}}}


def pagerduty(event: str, moment: str, id_: str = "P1", **more: Any) -> Json:
    """Return what happened to an incident of PagerDuty."""
    data: Json = {"id": id_, "type": "incident", "title": "down", "created_at": at(moment)}
    data |= {"service": {"id": "PF9", "summary": "shop", "type": "service_reference"}} | more
    known: Json = {"id": f"{event} {id_} {moment}", "event_type": f"incident.{event}"}
    return webhook("/pagerduty", {"event": known | {"occurred_at": at(moment), "data": data}})


def alerts(*found: Json, key: str = "{}") -> Json:
    """Return a post of Alertmanager's."""
    is_over = all(one["status"] == "resolved" for one in found)
    body: Json = {
        "receiver": "dora",
        "status": "resolved" if is_over else "firing",
        "groupKey": key,
    }
    return webhook("/alertmanager", body | {"version": "4", "alerts": list(found)})


def alert(began: str, ended: str | None = None, fingerprint: str = "bb1", **labels: str) -> Json:
    """Return an alert, firing or resolved."""
    named: Json = {"alertname": "Errors", "severity": "critical", **(labels or {"service": "shop"})}
    found: Json = {"status": "resolved" if ended else "firing", "labels": named, "annotations": {}}
    ends = at(ended) if ended else "0001-01-01T00:00:00Z"
    return found | {"startsAt": at(began), "endsAt": ends, "fingerprint": fingerprint}


def argocd(moment: str, revision: str, images: list[str], history: list[str], **more: Any) -> Json:
    """Return what Argo CD notifies of an Application that is synced; it is healthy a minute later."""
    name, healthy = more.pop("name", "shop"), more.pop("healthy", f"{moment}:30")
    source = {"repoURL": "https://github.com/acme/gitops", "path": name, "targetRevision": "main"}
    kinds = more.pop("kinds", ["Deployment"])
    resources = [{"kind": kind, "name": name, "status": "Synced"} for kind in kinds]
    entries = [
        {"id": number, "revision": commit(one), "source": source}
        for number, one in enumerate(history)
    ]
    state: Json = {"phase": "Succeeded", "startedAt": at(moment), "finishedAt": at(f"{moment}:02")}
    state["syncResult"] = {"revision": commit(revision), "source": source, "resources": resources}
    health: Json = {"status": "Healthy"} | ({"lastTransitionTime": at(healthy)} if healthy else {})
    app = {
        "metadata": {"name": name, "namespace": "argocd", "uid": f"uid-{name}", "annotations": {}},
        "spec": {
            "destination": {"namespace": "production"},
            "project": "default",
            "source": source,
        },
        "status": {
            "sync": {"status": "Synced", "revision": commit(revision)},
            "health": health,
            "operationState": state,
            "summary": {"images": images},
            "history": entries,
        },
    }
    for path, value in more.items():
        place: Any = app
        *parents, last = path.split("__")
        for part in parents:
            place = place[part]
        place[last] = value
    data: Json = {"what": "deployed", "app": app}
    return cloudevent("dev.dora.argocd.application", data, f"/argocd/{name}", time=at(moment))


def flux(reason: str, moment: str, revision: str, message: str, **more: Any) -> Json:
    """Return what Flux reports of an object."""
    kind, name = more.pop("kind", "Kustomization"), more.pop("name", "shop")
    involved = {"kind": kind, "name": name, "namespace": "production", "uid": f"uid-{name}"}
    told: Json = {"involvedObject": involved, "severity": "info", "timestamp": at(moment)}
    told |= {"reason": reason, "message": message, "metadata": {"revision": revision} | more}
    return webhook("/flux", told)


def jenkins(moment: str, number: int, status: str = "SUCCESS", **parameters: str) -> Json:
    """Return the end of a build."""
    build: Json = {"full_url": f"https://jenkins.example.com/job/shop/{number}/", "number": number}
    build |= {"timestamp": milliseconds(moment), "duration": 60000, "status": status}
    build |= {
        "phase": "COMPLETED",
        "scm": {"url": f"{GITHUB}.git", "commit": parameters.pop("of", "")},
    }
    build["parameters"] = {f"DORA_{name}": value for name, value in parameters.items()}
    return webhook("/jenkins", {"name": "shop", "url": "job/shop/", "build": build})


def tekton(moment: str, results: dict[str, Any], **more: Any) -> Json:
    """Return a PipelineRun that succeeded."""
    listed = [{"name": name, "value": value} for name, value in results.items()]
    metadata: Json = {
        "name": "build-x",
        "namespace": "ci",
        "uid": commit(moment),
        "annotations": more,
    }
    done = [{"type": "Succeeded", "status": "True", "reason": "Succeeded"}]
    status_ = {"startTime": at(moment), "completionTime": at(moment), "conditions": done}
    run = {"metadata": metadata, "spec": {}, "status": status_ | {"results": listed}}
    return cloudevent("dev.tekton.event.pipelinerun.successful.v1", {"pipelineRun": run})
