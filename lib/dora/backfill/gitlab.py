"""A GitLab project's past: merge requests, deployments, runs, incidents; its pushes are beside it.

https://docs.gitlab.com/api/rest/; what becomes of them is in the gitlab-transformer. Webhooks write
whole seconds, the API milliseconds, so those are cut off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dora.backfill.gitlab_pushes import Pushes, commit_of, second, second_or_none
from dora.backfill.history import History, Item, Told, items, picked
from dora.backfill.issues import Change, Moment, moments
from dora.settings import deploy_jobs, deploy_workflows, incident_labels, matches
from dora.tools.payloads import get, text, time_or_none, url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora.backfill.rest import Api

API = "https://gitlab.com/api/v4"
TYPES = "dev.knative.sources.gitlab."
ACTIONS = {"opened": "open", "closed": "close", "reopened": "reopen"}
LABELLINGS = {"add": "labeled", "remove": "unlabeled"}


def gitlab_history(api: Api, project: str, since: str, *, compare: bool) -> History:
    """Return the past of group/project from that time on.

    Args:
        api: where to ask.
        project: group/project.
        since: a time in UTC.
        compare: also what lies between two pushes that do not join, and commits that webhooks cut off.
    """
    path = f"/projects/{quote(project, safe='')}"
    kept = picked(api.get(path), "id", "name", "web_url", "path_with_namespace", "default_branch")
    past = _Past(api, path, kept, since)
    kinds = {
        "pushes": Pushes(api, path, kept, since, compare).items,
        "merge requests": past.merge_requests,
        "deployments": past.deployments,
        "incidents": past.incidents,
    }
    if deploy_workflows():
        kinds["pipelines"] = past.pipelines
    if deploy_jobs():
        kinds["jobs"] = past.jobs
    return History(url(kept, "web_url"), TYPES, kinds)


@dataclass(frozen=True)
class _Past:
    api: Api
    path: str
    project: dict[str, Any]
    since: str
    deployed_by: set[Any] = field(default_factory=set)  # jobs that are reported as deployments

    def merge_requests(self) -> Iterator[Item]:
        listed = self._updated("/merge_requests", state="all", scope="all")
        return items(listed, "iid", "updated_at", self._request)

    def _request(self, request: Any) -> Iterator[Told]:
        opened_at = second(request, "created_at")
        kept = picked(request, "iid", "target_branch", "merge_commit_sha", "squash") | {
            "created_at": opened_at,
            "updated_at": opened_at,
            "last_commit": {"id": request.get("sha")},
        }
        yield self._told(
            "merge_request", opened_at, {"object_attributes": kept | {"action": "open"}}
        )
        for action, moment in (("merge", "merged_at"), ("close", "closed_at")):
            when = time_or_none(request, moment)
            if when and request["state"] == ("merged" if action == "merge" else "closed"):
                ended = kept | {"action": action, "updated_at": second(request, moment)}
                if action == "merge" and not request.get("merge_commit_sha"):
                    ended["last_commit"] = self._head(request)
                told = {"object_attributes": ended}
                yield self._told("merge_request", second(request, moment), told)

    def _head(self, request: Any) -> dict[str, Any]:
        """Return the head of a fast-forward, whose own time is that of the change."""
        sha = text(request, "sha")
        return commit_of(self.api.get(f"{self.path}/repository/commits/{sha}"))

    def deployments(self) -> Iterator[Item]:
        tell_one = partial(self._deployment, self._tiers())
        for one in self._updated("/deployments", status="success"):
            self.deployed_by.add(get(one, "deployable", "id"))
            yield from items([one], "id", "updated_at", tell_one)

    def _tiers(self) -> dict[str, str]:
        """Return the tier of each environment by its name."""
        return {one["name"]: one.get("tier") for one in self.api.pages(f"{self.path}/environments")}

    def _deployment(self, tiers: dict[str, str], deployment: Any) -> Iterator[Told]:
        """Report it by its job, else by itself at its last change, which may be later than its end."""
        name, job = get(deployment, "environment", "name"), get(deployment, "deployable")
        if time_or_none(job, "finished_at"):
            place = {"name": name, "action": "start", "deployment_tier": tiers.get(name)}
            told = _job(job) | {"sha": deployment["sha"], "environment": place}
            yield self._told("job", told["build_finished_at"], told)
            return
        when = second(deployment, "updated_at")
        payload = {
            "object_kind": "deployment",
            "status": "success",
            "status_changed_at": when,
            "deployment_id": deployment["id"],
            "deployable_id": get(job, "id"),
            "environment": name,
            "environment_tier": tiers.get(name),
            "commit_url": f"{self.project['web_url']}/-/commit/{deployment['sha']}",
        }
        yield self._told("deployment", when, payload)

    def pipelines(self) -> Iterator[Item]:
        listed = self._updated("/pipelines", status="success")
        return items(listed, "id", "updated_at", self._pipeline)

    def _pipeline(self, listed: Any) -> Iterator[Told]:
        """Report one that deploys, by its name, which only it itself has with all its times."""
        if matches(get(listed, "name"), deploy_workflows()):
            found = self.api.get(f"{self.path}/pipelines/{listed['id']}")
            kept = picked(found, "id", "name", "ref", "tag", "sha", "status")
            moments = ("created_at", "started_at", "finished_at")
            kept |= {one: second_or_none(found, one) for one in moments}
            payload = {"object_kind": "pipeline", "object_attributes": kept}
            yield self._told("pipeline", str(kept["finished_at"]), payload)

    def jobs(self) -> Iterator[Item]:
        found = self.api.pages(f"{self.path}/jobs", **{"scope[]": "success"})
        recent = takewhile(lambda one: second(one, "created_at") >= self.since, found)
        named = (one for one in recent if matches(get(one, "name"), deploy_jobs()))
        for one in named:
            if one["id"] not in self.deployed_by:
                yield Item((str(one["id"]),), second(one, "created_at"), partial(self._job, one))

    def _job(self, job: Any) -> Iterator[Told]:
        told = _job(job) | {"sha": get(job, "commit", "id")}
        yield self._told("job", told["build_finished_at"], told)

    def incidents(self) -> Iterator[Item]:
        wanted = [{"issue_type": "incident"}, *({"labels": one} for one in incident_labels())]
        for parameters in wanted:
            listed = self._updated("/issues", state="all", scope="all", **parameters)
            yield from items(listed, "iid", "updated_at", self._issue)

    def _issue(self, issue: Any) -> Iterator[Told]:
        path = f"{self.path}/issues/{issue['iid']}"
        states = self.api.pages(f"{path}/resource_state_events")
        labellings = self.api.pages(f"{path}/resource_label_events")
        changes = [Change(second(one, "created_at"), str(one["state"])) for one in states]
        changes += [
            Change(second(one, "created_at"), LABELLINGS[one["action"]], text(one, "label", "name"))
            for one in labellings
            if get(one, "label", "name")  # a label that is deleted has none
        ]
        found = moments(
            changes,
            opened_at=second(issue, "created_at"),
            labels=issue["labels"],
            title=issue["title"],
        )
        for moment in found:
            yield from self._moment(issue, moment)

    def _moment(self, issue: Any, moment: Moment) -> Iterator[Told]:
        kept = picked(issue, "iid", "confidential") | {
            "type": str(issue.get("issue_type")),
            "title": moment.title,
            "state": "closed" if moment.closed_at else "opened",
            "created_at": second(issue, "created_at"),
            "updated_at": moment.when,
            "closed_at": moment.closed_at,
        }
        payload: dict[str, Any] = {"labels": _titled(moment.labels)}
        actions = [ACTIONS[one.action] for one in moment.changes if one.action in ACTIONS]
        if moment.labels != moment.labels_before and "open" not in actions:
            change = {"previous": _titled(moment.labels_before), "current": payload["labels"]}
            payload["changes"], actions = {"labels": change}, [*actions, "update"]
        for action in actions:
            attributes = kept | {"action": action}
            yield self._told("issue", moment.when, payload | {"object_attributes": attributes})

    def _updated(self, path: str, **parameters: Any) -> Iterator[Any]:
        """List what changed since then, the newest first."""
        return self.api.pages(
            self.path + path,
            order_by="updated_at",
            sort="desc",
            updated_after=self.since,
            **parameters,
        )

    def _told(self, kind: str, when: str, payload: dict[str, Any]) -> Told:
        return Told(kind, when, payload | {"project": self.project})


def _job(job: Any) -> dict[str, Any]:
    """Return a job that was good as its webhook reports it."""
    told = {f"build_{name}": job.get(name) for name in ("id", "name")}
    told |= {f"build_{name}": second_or_none(job, name) for name in ("started_at", "finished_at")}
    return told | {"object_kind": "build", "build_status": "success"} | picked(job, "ref", "tag")


def _titled(labels: list[str]) -> list[dict[str, str]]:
    return [{"title": name} for name in labels]
