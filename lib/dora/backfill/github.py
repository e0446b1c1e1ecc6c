"""A GitHub repository's past: pushes, pull requests, deployments, issues that are incidents.

https://docs.github.com/en/rest; what becomes of them is in the github-transformer.
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

API = "https://api.github.com"
TYPES = "dev.knative.source.github."
PUSHES = ("push", "force_push", "pr_merge", "merge_queue_merge")
LABELLINGS = ("labeled", "unlabeled")


def github_history(api: Api, project: str, since: str) -> History:
    """Give the past of owner/repository from that time on."""
    path = f"/repos/{quote(project)}"
    repository = picked(api.get(path), "name", "full_name", "html_url", "default_branch")
    past = _Past(api, path, repository, since)
    kinds = {
        "pushes": past.pushes,
        "pull requests": past.pull_requests,
        "deployments": past.deployments,
        "incidents": past.incidents,
    }
    return History(url(repository, "html_url"), TYPES, kinds)


@dataclass(frozen=True)
class _Past:
    api: Api
    path: str
    repository: dict[str, Any]
    since: str

    def pushes(self) -> Iterator[Item]:
        branch = text(self.repository, "default_branch")
        try:
            for push in self._recent("/activity", "timestamp", ref=branch):
                if get(push, "activity_type") in PUSHES:
                    key = (text(push, "before"), text(push, "after"))
                    yield Item(key, time(push, "timestamp"), partial(self._push, push))
        except NotFoundError:
            tell("this GitHub keeps no activity: pushes without a pull request are left out")

    def _push(self, push: Any) -> Iterator[Told]:
        before, after, when = text(push, "before"), text(push, "after"), time(push, "timestamp")
        try:
            compared = list(self._compared(before, after))
        except NotFoundError:
            tell(f"the push of {after} is left out: its commits are gone")
            return
        commits = [
            {"id": one["sha"], "timestamp": get(one, "commit", "committer", "date")}
            for one in compared
        ]
        payload = {"ref": push["ref"], "before": before, "after": after, "commits": commits}
        yield self._told("push", when, payload, {"pushed_at": when})

    def _compared(self, before: str, after: str) -> Iterator[Any]:
        """Give the commits that a push brought; the pages of a comparison are its commits'."""
        number, page = 1, [None]
        while page:
            page = self.api.get(
                f"{self.path}/compare/{before}...{after}", per_page=100, page=number
            )["commits"]
            yield from page
            number = number + 1 if len(page) == 100 else 0  # noqa: PLR2004 - a full page
            if not number:
                return

    def pull_requests(self) -> Iterator[Item]:
        listed = self._recent("/pulls", "updated_at", state="all", sort="updated")
        return items(listed, "number", "updated_at", self._pull)

    def _pull(self, pull: Any) -> Iterator[Told]:
        kept = picked(pull, "number", "created_at", "closed_at", "merged_at", "merge_commit_sha")
        kept["head"] = {"sha": get(pull, "head", "sha")}
        kept["base"] = {"ref": get(pull, "base", "ref")}
        opened = {"action": "opened", "pull_request": kept}
        yield self._told("pull_request", time(pull, "created_at"), opened)
        closed_at = time_or_none(pull, "closed_at")
        if closed_at:
            closed = {"action": "closed", "pull_request": kept}
            yield self._told("pull_request", closed_at, closed)

    def deployments(self) -> Iterator[Item]:
        listed = self._recent("/deployments", "created_at")
        return items(listed, "id", "created_at", self._deployment)

    def _deployment(self, deployment: Any) -> Iterator[Told]:
        """Tell its first success; `updated_at` moves when a newer one takes its place."""
        path = f"{self.path}/deployments/{deployment['id']}/statuses"
        good = [one for one in self.api.pages(path) if get(one, "state") == "success"]
        if good:
            first = min(good, key=lambda one: time(one, "created_at"))
            payload = {
                "action": "created",
                "deployment_status": picked(first, "id", "state", "created_at"),
                "deployment": picked(deployment, "id", "sha", "environment", "payload"),
            }
            yield self._told("deployment_status", time(first, "created_at"), payload)

    def incidents(self) -> Iterator[Item]:
        for label in incident_labels():
            listed = self._recent(
                "/issues", "updated_at", state="all", sort="updated", labels=label, since=self.since
            )
            issues = (one for one in listed if "pull_request" not in one)
            yield from items(issues, "number", "updated_at", self._issue)

    def _issue(self, issue: Any) -> Iterator[Told]:
        events = self.api.pages(f"{self.path}/issues/{issue['number']}/events")
        found = moments(
            [_change(event) for event in events],
            opened_at=time(issue, "created_at"),
            labels=[text(label, "name") for label in issue["labels"]],
            title=issue["title"],
        )
        for moment in found:
            yield from self._moment(issue, moment)

    def _moment(self, issue: Any, moment: Moment) -> Iterator[Told]:
        kept = picked(issue, "number", "created_at") | {
            "title": moment.title,
            "labels": [{"name": name} for name in moment.labels],
            "updated_at": moment.when,
            "closed_at": moment.closed_at,
        }
        for change in moment.changes:
            payload: dict[str, Any] = {"action": change.action, "issue": kept}
            if change.action in LABELLINGS:
                payload["label"] = {"name": change.name}
            if change.action in ("opened", "closed", "reopened", *LABELLINGS):
                yield self._told("issues", moment.when, payload)

    def _recent(self, path: str, moment: str, **parameters: Any) -> Iterator[Any]:
        """List what is not older, the newest first."""
        listed = self.api.pages(self.path + path, direction="desc", **parameters)
        return takewhile(lambda one: time(one, moment) >= self.since, listed)

    def _told(
        self, kind: str, when: str, payload: dict[str, Any], more: dict[str, str] | None = None
    ) -> Told:
        return Told(kind, when, payload | {"repository": self.repository | (more or {})})


def _change(event: Any) -> Change:
    name = get(event, "label", "name") or get(event, "rename", "from") or ""
    return Change(time(event, "created_at"), str(event["event"]), name)
