"""A GitHub repository's past: pull requests, deployments, runs, incidents; its pushes are beside it.

https://docs.github.com/en/rest; what becomes of them is in the github-transformer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dora.backfill.github_pushes import Pushes
from dora.backfill.history import History, Item, Told, items, picked
from dora.backfill.issues import Change, Moment, moments
from dora.errors import PermanentError, UnauthorizedError
from dora.settings import deploy_jobs, deploy_workflows, incident_labels, matches
from dora.tools.incidents import TYPE, is_incident
from dora.tools.payloads import get, text, text_or_none, time, time_or_none, url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora.backfill.rest import Api

API = "https://api.github.com"
TYPES = "dev.knative.source.github."
LABELLINGS = ("labeled", "unlabeled")
DEPLOYMENT = ("id", "sha", "environment", "payload", "task", "created_at")
TIERS = ("production_environment", "transient_environment")
RUN = ("id", "name", "event", "head_sha", "conclusion", "run_attempt")
RUN_TIMES = ("created_at", "run_started_at", "updated_at")
JOB = ("id", "name", "head_branch", "head_sha", "conclusion", "started_at", "completed_at")


def github_history(api: Api, project: str, since: str, *, compare: bool) -> History:
    """Return the past of owner/repository from that time on.

    Args:
        api: where to ask.
        project: owner/repository.
        since: a time in UTC.
        compare: also what lies between two pushes that do not join.
    """
    path = f"/repos/{quote(project)}"
    kept = picked(api.get(path), "id", "name", "full_name", "html_url", "default_branch")
    past = _Past(api, path, kept, since)
    kinds = {
        "pushes": Pushes(api, path, kept, since, compare).items,
        "pull requests": past.pull_requests,
        "deployments": past.deployments,
        "incidents": past.incidents,
    }
    if deploy_workflows() or deploy_jobs():
        kinds["runs"] = past.runs
    return History(url(kept, "html_url"), TYPES, kinds)


@dataclass(frozen=True)
class _Past:
    api: Api
    path: str
    repository: dict[str, Any]
    since: str

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
        """Report its first success; `updated_at` moves when a newer one takes its place."""
        path = f"{self.path}/deployments/{deployment['id']}/statuses"
        good = [one for one in self.api.pages(path) if get(one, "state") == "success"]
        if good:
            first = min(good, key=lambda one: time(one, "created_at"))
            payload = {
                "action": "created",
                "deployment_status": picked(first, "id", "state", "created_at"),
                "deployment": picked(deployment, *DEPLOYMENT, *TIERS),
            }
            yield self._told("deployment_status", time(first, "created_at"), payload)

    def runs(self) -> Iterator[Item]:
        """List runs that were good: of workflows that deploy, or whose jobs may."""
        found = self._recent("/actions/runs", "created_at", key="workflow_runs")
        good = (one for one in found if get(one, "conclusion") == "success")
        return items(good, "id", "created_at", self._run)

    def _run(self, run: Any) -> Iterator[Told]:
        if matches(get(run, "name"), deploy_workflows()):
            told = {"action": "completed", "workflow_run": picked(run, *RUN, *RUN_TIMES)}
            yield self._told("workflow_run", time(run, "updated_at"), told)
        path = f"{self.path}/actions/runs/{run['id']}/jobs"
        for job in self.api.pages(path, key="jobs") if deploy_jobs() else ():
            told = {"action": "completed", "workflow_job": picked(job, *JOB)}
            if get(job, "conclusion") == "success":
                yield self._told("workflow_job", time(job, "completed_at"), told)

    def incidents(self) -> Iterator[Item]:
        for label in incident_labels():
            yield from items(self._issues(labels=label), "number", "updated_at", self._issue)
        try:
            typed = [one for one in self._issues(type=TYPE.title()) if is_incident([], _type(one))]
        except UnauthorizedError:
            raise
        except PermanentError:
            return  # a GitHub that has no types of issues
        yield from items(typed, "number", "updated_at", self._issue)

    def _issues(self, **parameters: str) -> Iterator[Any]:
        """List issues that changed since then; a pull request is one too, for GitHub."""
        found = self._recent(
            "/issues", "updated_at", state="all", sort="updated", since=self.since, **parameters
        )
        return (one for one in found if "pull_request" not in one)

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
            "type": {"name": _type(issue)},
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


def _type(issue: Any) -> str | None:
    return text_or_none(issue, "type", "name")
