"""A GitLab project's past: pushes, merge requests, deployments, incidents.

https://docs.gitlab.com/api/rest/; what becomes of them is in the gitlab-transformer. Webhooks write
whole seconds, the API milliseconds, so those are cut off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dora.backfill.history import History, Item, Told, items, picked
from dora.backfill.issues import Change, Moment, moments
from dora.commands.command import tell
from dora.errors import NotFoundError
from dora.settings import incident_labels
from dora.tools.payloads import get, text, time, time_or_none, url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora.backfill.rest import Api

API = "https://gitlab.com/api/v4"
TYPES = "dev.knative.sources.gitlab."
LISTED_COMMITS = 20  # what a webhook lists of a push
NO_COMMIT = "0" * 40
ACTIONS = {"opened": "open", "closed": "close", "reopened": "reopen"}
LABELLINGS = {"add": "labeled", "remove": "unlabeled"}


def gitlab_history(api: Api, project: str, since: str) -> History:
    """Give the past of group/project from that time on."""
    path = f"/projects/{quote(project, safe='')}"
    kept = picked(api.get(path), "id", "name", "web_url", "path_with_namespace", "default_branch")
    past = _Past(api, path, kept, since)
    kinds = {
        "pushes": past.pushes,
        "merge requests": past.merge_requests,
        "deployments": past.deployments,
        "incidents": past.incidents,
    }
    return History(url(kept, "web_url"), TYPES, kinds)


@dataclass(frozen=True)
class _Past:
    api: Api
    path: str
    project: dict[str, Any]
    since: str

    def pushes(self) -> Iterator[Item]:
        events = self.api.pages(
            f"{self.path}/events", action="pushed", after=self.since[:10], sort="desc"
        )
        for event in takewhile(lambda one: _second(one, "created_at") >= self.since, events):
            push = event["push_data"]
            is_branch = push.get("ref_type") == "branch"
            if is_branch and push.get("ref") == self.project["default_branch"]:
                key, when = (str(event["id"]),), _second(event, "created_at")
                yield Item(key, when, partial(self._push, push))

    def _push(self, push: Any) -> Iterator[Told]:
        before, after = push.get("commit_from") or NO_COMMIT, push.get("commit_to")
        if not after:
            return
        try:
            commits = [_commit(one) for one in self._commits(before, after)]
        except NotFoundError:
            tell(f"the push of {after} is left out: its commits are gone")
            return
        if commits:
            payload = {
                "object_kind": "push",
                "ref": f"refs/heads/{push['ref']}",
                "before": before,
                "after": after,
                "commits": commits[-LISTED_COMMITS:],
                "total_commits_count": len(commits),
            }
            yield self._told("push", max(one["timestamp"] for one in commits), payload)

    def _commits(self, before: str, after: str) -> list[Any]:
        """Give the commits that a push brought, the oldest first."""
        if before == NO_COMMIT:
            listed = self.api.pages(f"{self.path}/repository/commits", ref_name=after)
            return list(listed)[::-1]
        compared = self.api.get(f"{self.path}/repository/compare", **{"from": before, "to": after})
        commits: list[Any] = compared["commits"]
        return commits

    def merge_requests(self) -> Iterator[Item]:
        listed = self._updated("/merge_requests", state="all", scope="all")
        return items(listed, "iid", "updated_at", self._request)

    def _request(self, request: Any) -> Iterator[Told]:
        opened_at = _second(request, "created_at")
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
                ended = kept | {"action": action, "updated_at": _second(request, moment)}
                if action == "merge" and not request.get("merge_commit_sha"):
                    ended["last_commit"] = self._head(request)
                told = {"object_attributes": ended}
                yield self._told("merge_request", _second(request, moment), told)

    def _head(self, request: Any) -> dict[str, Any]:
        """Give the head of a fast-forward, whose own time is that of the change."""
        sha = text(request, "sha")
        return _commit(self.api.get(f"{self.path}/repository/commits/{sha}"))

    def deployments(self) -> Iterator[Item]:
        listed = self._updated("/deployments", status="success")
        return items(listed, "id", "updated_at", self._deployment)

    def _deployment(self, deployment: Any) -> Iterator[Told]:
        """Tell it at the end of its job; `updated_at` may move later."""
        finished = time_or_none(deployment, "deployable", "finished_at")
        when = _whole(finished) if finished else _second(deployment, "updated_at")
        payload = {
            "object_kind": "deployment",
            "status": "success",
            "status_changed_at": when,
            "deployment_id": deployment["id"],
            "environment": get(deployment, "environment", "name"),
            "commit_url": f"{self.project['web_url']}/-/commit/{deployment['sha']}",
        }
        yield self._told("deployment", when, payload)

    def incidents(self) -> Iterator[Item]:
        wanted = [{"issue_type": "incident"}, *({"labels": one} for one in incident_labels())]
        for parameters in wanted:
            listed = self._updated("/issues", state="all", scope="all", **parameters)
            yield from items(listed, "iid", "updated_at", self._issue)

    def _issue(self, issue: Any) -> Iterator[Told]:
        path = f"{self.path}/issues/{issue['iid']}"
        states = self.api.pages(f"{path}/resource_state_events")
        labellings = self.api.pages(f"{path}/resource_label_events")
        changes = [Change(_second(one, "created_at"), str(one["state"])) for one in states]
        changes += [
            Change(
                _second(one, "created_at"), LABELLINGS[one["action"]], text(one, "label", "name")
            )
            for one in labellings
            if get(one, "label", "name")  # a label that is deleted has none
        ]
        found = moments(
            changes,
            opened_at=_second(issue, "created_at"),
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
            "created_at": _second(issue, "created_at"),
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


def _commit(told: Any) -> dict[str, Any]:
    return {"id": told["id"], "timestamp": _second(told, "committed_date")}


def _titled(labels: list[str]) -> list[dict[str, str]]:
    return [{"title": name} for name in labels]


def _second(value: Any, name: str) -> str:
    return _whole(time(value, name))


def _whole(moment: str) -> str:
    """Cut off the fraction of a time in UTC."""
    return f"{moment[:19]}Z"
