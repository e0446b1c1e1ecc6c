"""Stories of our own, in the form of those in tests/data/tools: what tools send, and what comes of it."""

from __future__ import annotations

import json
from typing import Any

from tests.metrics.tool_events import (
    GITHUB,
    NEW,
    Json,
    alert,
    alerts,
    argocd,
    at,
    cdevent,
    cloudevent,
    commit,
    deployed,
    digest,
    flux,
    github,
    github_deployment,
    github_issue,
    github_push,
    gitlab,
    gitlab_deployment,
    gitlab_push,
    image,
    jenkins,
    jira,
    milliseconds,
    packaged,
    pagerduty,
    status,
    tekton,
    webhook,
)

ASKED: Json = {"from": "2026-11-01", "to": "2026-12-01", "tier": ["production"], "service": "shop"}
HOUR = 3600.0


def story(name: str, says: str, sent: list[Json], expect: Json, **asked: Any) -> Json:
    """Return a story; its CloudEvents and its webhooks are apart."""
    webhooks = [one for one in sent if "path" in one]
    events = [one for one in sent if "path" not in one]
    known = {"name": name, "says": says, "cloudevents": events, "webhook": webhooks}
    catalog = asked.pop("catalog", None)
    question = {key: value for key, value in (ASKED | asked).items() if value is not None}
    return known | ({"catalog": catalog} if catalog else {}) | {"asked": question, "expect": expect}


def count(number: int) -> Json:
    """Expect so many deployments."""
    return {"deployment-frequency": {"count": number}}


def recovered(hours: float, of: int = 1, failed: int = 1) -> Json:
    """Expect deployments that failed, each of which recovered after so many hours."""
    return {
        "change-failure-rate": {"failed": failed, "count": of},
        "failed-deployment-recovery-time": {"value": hours * HOUR, "count": failed, "open": 0},
    }


def still_open(of: int = 1) -> Json:
    """Expect one deployment that failed and has not recovered."""
    return {
        "change-failure-rate": {"failed": 1, "count": of},
        "failed-deployment-recovery-time": {"value": None, "count": 0, "open": 1},
    }


def lead(hours: float, changes: int, unlinked: int = 0) -> Json:
    """Expect so many changes, the median of which took so many hours."""
    return {
        "lead-time-for-changes": {"value": hours * HOUR, "count": changes, "unlinked": unlinked}
    }


FIRST = deployed("20T09:00", "1")
DONE = {"resolution": {"name": "Done"}}
WORKING = status("In Progress", "indeterminate")
JIRA = [
    story(
        "jira-moves",
        "An incident is worked on, is done, and then moves from one done status to another.",
        [
            FIRST,
            jira("created", "20T10:00", "20T10:00"),
            jira("updated", "20T10:10", "20T10:00", ("status", "Open", "In Progress"), **WORKING),
            jira("updated", "20T10:20", "20T10:00", ("status", "In Progress", "Review"), **WORKING),
            jira(
                "updated",
                "20T11:00",
                "20T10:00",
                ("status", "Review", "Solved"),
                **status("Solved", "done"),
            ),
            jira(
                "updated",
                "20T15:00",
                "20T10:00",
                ("status", "Solved", "Closed"),
                **status("Closed", "done"),
            ),
        ],
        recovered(2),
    ),
    story(
        "jira-reopened",
        "An incident is done, opened again, moved about and done once more: the last end counts.",
        [
            FIRST,
            jira("created", "20T10:00", "20T10:00"),
            jira(
                "updated",
                "20T10:30",
                "20T10:00",
                ("status", "Open", "Done"),
                **status("Done", "done"),
            ),
            jira("updated", "20T10:40", "20T10:00", ("status", "Done", "In Progress"), **WORKING),
            jira("updated", "20T10:50", "20T10:00", ("status", "In Progress", "Review"), **WORKING),
            jira(
                "updated",
                "20T11:30",
                "20T10:00",
                ("status", "Review", "Done"),
                **status("Done", "done"),
            ),
        ],
        recovered(2.5),
    ),
    story(
        "jira-incident-becomes-a-bug",
        "An incident becomes a bug twenty minutes later: over then.",
        [
            FIRST,
            jira("created", "20T10:00", "20T10:00"),
            jira(
                "updated",
                "20T10:30",
                "20T10:00",
                ("issuetype", "Incident", "Bug"),
                issuetype={"name": "Bug"},
            ),
        ],
        recovered(1.5),
    ),
    story(
        "jira-label",
        "A bug gets the incident's label and later loses it.",
        [
            FIRST,
            jira(
                "updated",
                "20T10:30",
                "20T10:00",
                ("labels", "ui", "ui incident"),
                issuetype={"name": "Bug"},
                labels=["ui", "incident"],
            ),
            jira(
                "updated",
                "20T11:00",
                "20T10:00",
                ("labels", "ui incident", "ui"),
                issuetype={"name": "Bug"},
                labels=["ui"],
            ),
        ],
        recovered(2),
    ),
    story(
        "jira-closed-bug-becomes-an-incident",
        "A bug that was over becomes an incident a day later, after the next deployment: it was of the first.",
        [
            FIRST,
            deployed("21T09:00", "2"),
            jira(
                "updated",
                "21T12:00",
                "20T10:00",
                ("issuetype", "Bug", "Incident"),
                **status("Done", "done"),
                **DONE,
                resolutiondate=at("20T11:00"),
            ),
        ],
        recovered(2, of=2),
    ),
    story(
        "jira-becomes-an-incident-again",
        "An incident becomes a bug by mistake and an incident again: it is open.",
        [
            FIRST,
            jira("created", "20T10:00", "20T10:00"),
            jira(
                "updated",
                "20T10:30",
                "20T10:00",
                ("issuetype", "Incident", "Bug"),
                issuetype={"name": "Bug"},
            ),
            jira("updated", "20T10:40", "20T10:00", ("issuetype", "Bug", "Incident")),
        ],
        still_open(),
    ),
    story(
        "jira-automation",
        "A rule of Jira's automation posts nothing but the issue: once open, once resolved.",
        [
            FIRST,
            *(
                one | {"body": one["body"]["issue"]}
                for one in (
                    jira("created", "20T10:00", "20T10:00"),
                    jira(
                        "updated",
                        "20T11:00",
                        "20T10:00",
                        **status("Done", "done"),
                        **DONE,
                        resolutiondate=at("20T11:00"),
                    ),
                )
            ),
        ],
        recovered(2),
    ),
    story(
        "jira-deleted",
        "An incident is deleted while it is open.",
        [FIRST, jira("created", "20T10:00", "20T10:00"), jira("deleted", "20T10:30", "20T10:00")],
        recovered(1.5),
    ),
]

RELATED: Json = {"type": "incident_reference", "id": "P1"}
MERGE: Json = {"resolve_reason": {"type": "merge_resolve_reason", "incident": RELATED}}
PLATFORM: Json = {"service": {"id": "PX", "summary": "Platform", "type": "service_reference"}}


def custom(**values: str) -> Json:
    """Return custom fields of PagerDuty."""
    return {"custom_fields": [{"name": name, "value": value} for name, value in values.items()]}


PAGERDUTY = [
    story(
        "pagerduty-custom-fields",
        "One service of PagerDuty's for all; custom fields say which it is, once in production, once not.",
        [
            FIRST,
            deployed("20T09:00", "1", where="staging"),
            pagerduty(
                "triggered",
                "20T10:00",
                **PLATFORM,
                **custom(service="shop", environment="production"),
            ),
            pagerduty(
                "resolved",
                "20T11:00",
                **PLATFORM,
                **custom(service="shop", environment="production"),
            ),
            pagerduty(
                "triggered",
                "20T10:00",
                "P2",
                **PLATFORM,
                **custom(service="shop", environment="staging"),
            ),
        ],
        recovered(2),
    ),
    story(
        "pagerduty-custom-fields-come-later",
        "Who looks at an incident says by custom fields of which service it is.",
        [
            FIRST,
            pagerduty("triggered", "20T10:00", **PLATFORM),
            pagerduty(
                "custom_field_values.updated",
                "20T10:05",
                "F1",
                incident=RELATED | {"summary": "down"},
                **custom(service="shop", environment="production"),
            ),
            pagerduty(
                "resolved",
                "20T11:00",
                **PLATFORM,
                **custom(service="shop", environment="production"),
            ),
        ],
        recovered(2),
    ),
    story(
        "pagerduty-moved",
        "An incident is opened of the platform, and moved to the service that it is of.",
        [
            FIRST,
            pagerduty("triggered", "20T10:00", **PLATFORM),
            pagerduty("service_updated", "20T10:05"),
            pagerduty("resolved", "20T11:00"),
        ],
        recovered(2),
    ),
    story(
        "pagerduty-reopened",
        "An incident is resolved too early and reopened.",
        [
            FIRST,
            pagerduty("triggered", "20T10:00"),
            pagerduty("resolved", "20T10:30"),
            pagerduty("reopened", "20T10:40"),
            pagerduty("resolved", "20T11:00"),
        ],
        recovered(2),
    ),
    story(
        "pagerduty-merged-then-unresolved",
        "Two incidents become one, which stays open.",
        [
            FIRST,
            pagerduty("triggered", "20T10:00"),
            pagerduty("triggered", "20T10:10", "P2"),
            pagerduty("resolved", "20T10:11", "P2", **MERGE),
        ],
        still_open(),
    ),
]

ALERTS = [
    story(
        "alerts-of-a-pair",
        "Two Prometheus report one alert with starts a minute apart, and its end with the later.",
        [
            FIRST,
            alerts(alert("20T10:00")),
            alerts(alert("20T10:01")),
            alerts(alert("20T10:01", "20T11:00")),
        ],
        recovered(2),
    ),
    story(
        "alert-after-a-restart",
        "The monitoring restarts while the alert fires: it begins anew and ends once.",
        [
            FIRST,
            alerts(alert("20T10:00")),
            alerts(alert("20T12:00")),
            alerts(alert("20T12:00", "20T13:00")),
            deployed("23T09:00", "2"),
        ],
        recovered(4, of=2) | {"deployment-rework-rate": {"rework": 0, "count": 2}},
    ),
    story(
        "alert-of-an-exporter",
        "kube-state-metrics measures a Deployment: its labels are the exporter's, and the workload's.",
        [
            FIRST,
            *(
                alerts(
                    alert(
                        "20T10:00",
                        ended,
                        service="prometheus-kube-state-metrics",
                        job="kube-state-metrics",
                        container="kube-state-metrics",
                        namespace="production",
                        deployment="shop",
                    )
                )
                for ended in (None, "20T11:00")
            ),
        ],
        recovered(2),
    ),
    story(
        "alerts-of-two-pods",
        "Two alerts of one service; one is over, the other is not.",
        [
            FIRST,
            alerts(
                alert("20T10:00", pod="a", service="shop"),
                alert("20T10:05", None, "bb2", service="shop"),
            ),
            alerts(alert("20T10:00", "20T10:30", service="shop")),
        ],
        still_open(),
    ),
    story(
        "alert-of-a-stateful-set",
        "No label names the service but that of the StatefulSet.",
        [
            FIRST,
            alerts(alert("20T10:00", None, statefulset="shop", namespace="production")),
            alerts(alert("20T10:00", "20T10:30", statefulset="shop", namespace="production")),
        ],
        recovered(1.5),
    ),
]

CLOSED = {"state_reason": "not_planned"}
INCIDENT = {"name": "Incident"}
GITHUB_STORIES = [
    story(
        "github-not-planned",
        "An incident is closed as not planned: over, like any other.",
        [
            github_deployment("20T09:00", "a", 1),
            github_issue("opened", "20T10:00", "20T10:00"),
            github_issue("closed", "20T11:00", "20T10:00", "20T11:00", **CLOSED),
        ],
        recovered(2),
    ),
    story(
        "github-transferred",
        "An incident's issue is transferred: over here.",
        [
            github_deployment("20T09:00", "a", 1),
            github_issue("opened", "20T10:00", "20T10:00"),
            github_issue("transferred", "20T10:30", "20T10:00"),
        ],
        recovered(1.5),
    ),
    story(
        "github-label-again",
        "An incident loses its label by mistake and gets it again: it is open.",
        [
            github_deployment("20T09:00", "a", 1),
            github_issue("opened", "20T10:00", "20T10:00"),
            github_issue(
                "unlabeled", "20T10:20", "20T10:00", labels=[], label={"name": "incident"}
            ),
            github_issue("labeled", "20T10:21", "20T10:00", label={"name": "incident"}),
        ],
        still_open(),
    ),
    story(
        "github-type-taken-off",
        "An issue of the type Incident becomes a bug.",
        [
            github_deployment("20T09:00", "a", 1),
            github_issue("typed", "20T10:10", "20T10:00", labels=[], type=INCIDENT, kind=INCIDENT),
            github_issue("untyped", "20T10:30", "20T10:00", labels=[], type=None, kind=INCIDENT),
        ],
        recovered(1.5),
    ),
    story(
        "github-closed-bug-becomes-an-incident",
        "A closed issue gets the label after the next deployment: it was of the first.",
        [
            github_deployment("20T09:00", "a", 1),
            github_deployment("21T09:00", "b", 2),
            github_issue("labeled", "21T12:00", "20T10:00", "20T11:00", label={"name": "incident"}),
        ],
        recovered(2, of=2),
    ),
    story(
        "github-tiers",
        "One environment is said to be production, one to be transient though it is called so.",
        [
            github_deployment("20T09:00", "a", 1, environment="eu", production_environment=True),
            github_deployment(
                "20T09:10", "a", 2, environment="production-pr-7", transient_environment=True
            ),
            github_deployment("20T09:20", "a", 3, environment="us", production_environment=False),
        ],
        count(1),
    ),
    story(
        "github-renamed",
        "A repository is renamed between the push and the deployment; its number stays.",
        [
            github_push("20T08:30", ("a", "20T08:00")),
            github_deployment("20T10:00", "a", 1, name="acme/store"),
        ],
        count(1) | lead(2, 1),
        service="store",
    ),
    story(
        "github-two-repositories-of-one-name",
        "Two teams call something api; each goes forward alone, and neither ever back.",
        [
            github_deployment(when, of, id_, name=f"{owner}/api", number=key)
            for id_, (owner, key, when, of) in enumerate(
                [
                    ("acme", 1, "20T09:00", "a"),
                    ("other", 2, "20T10:00", "x"),
                    ("acme", 1, "20T11:00", "b"),
                    ("other", 2, "20T12:00", "x2"),
                ]
            )
        ],
        count(4)
        | {"deployment-rework-rate": {"value": None}, "change-failure-rate": {"value": None}},
        service="api",
    ),
    story(
        "github-branch-set-back",
        "Two commits are pushed and taken back by force, then another follows: only that is shipped.",
        [
            github_push("20T08:00", ("a", "20T08:00")),
            github_deployment("20T09:00", "a", 1),
            github_push("20T10:00", ("b", "20T09:30"), ("c", "20T09:40"), before="a"),
            github(
                "push",
                {
                    "ref": "refs/heads/main",
                    "before": commit("c"),
                    "after": commit("a"),
                    "forced": True,
                    "commits": [],
                    "head_commit": {"id": commit("a"), "timestamp": at("20T08:00")},
                    "repository": {"pushed_at": 1795172400},
                },
            ),
            github_push("20T12:00", ("d", "20T12:00"), before="a"),
            github_deployment("20T14:00", "d", 2),
        ],
        count(2) | lead(1.5, 2),
    ),
    story(
        "github-never-succeeded",
        "A deployment waits, runs and fails; another is only queued.",
        [
            *(
                github_deployment("20T09:00", "a", 1, state)
                for state in ("waiting", "in_progress", "failure")
            ),
            github_deployment("20T10:00", "b", 2, "queued"),
            github_deployment("20T11:00", "c", 3),
        ],
        count(1),
    ),
    story(
        "github-check-of-a-pull-request",
        "A workflow succeeds for a pull request and on the main branch: no deployment without one of GitHub's.",
        [
            github(
                "workflow_run",
                {
                    "action": "completed",
                    "workflow_run": {
                        "id": number,
                        "name": "Deploy",
                        "event": event,
                        "head_sha": commit("a"),
                        "head_branch": "main",
                        "conclusion": "success",
                        "run_attempt": 1,
                        "created_at": at("20T09:00"),
                        "updated_at": at("20T09:05"),
                    },
                },
            )
            for number, event in enumerate(["pull_request", "push"])
        ]
        + [github_deployment("20T11:00", "a", 1)],
        count(1),
    ),
    story(
        "github-image-of-another-repository",
        "An image says by its labels that it was made of another repository than that which publishes it.",
        [
            github_push("20T08:00", ("a", "20T08:00")),
            github(
                "registry_package",
                {
                    "action": "published",
                    "registry_package": {
                        "name": "shop",
                        "namespace": "acme",
                        "package_type": "CONTAINER",
                        "package_version": {
                            "version": digest("1"),
                            "created_at": at("20T08:30"),
                            "package_url": "ghcr.io/acme/shop:1",
                            "container_metadata": {
                                "tag": {"name": "1", "digest": digest("1")},
                                "labels": {
                                    "all_labels": {
                                        "org.opencontainers.image.revision": commit("a"),
                                        "org.opencontainers.image.source": f"{GITHUB}.git",
                                    }
                                },
                            },
                        },
                    },
                },
                "acme/images",
                2,
            ),
            deployed("20T10:00", "1"),
        ],
        count(1) | lead(2, 1),
    ),
]

GITLAB_STORIES = [
    story(
        "gitlab-tiers",
        "GitLab says the tiers; other says nothing, and then the name decides.",
        [
            gitlab_deployment("20T09:00", "a", 1, environment="eu", environment_tier="production"),
            gitlab_deployment("20T09:10", "a", 2, environment="blue", environment_tier="other"),
            gitlab_deployment("20T09:20", "a", 3, environment="live", environment_tier="other"),
            gitlab_deployment(
                "20T09:30", "a", 4, environment="production/review", environment_tier="development"
            ),
        ],
        count(2),
    ),
    story(
        "gitlab-rebased",
        "A merge request is rebased and merged by fast-forward: the clock starts at its opening.",
        [
            gitlab_push(("a", "20T10:55")),
            gitlab(
                "Merge Request Hook",
                {
                    "object_kind": "merge_request",
                    "object_attributes": {
                        "iid": 3,
                        "target_branch": "main",
                        "action": "merge",
                        "state": "merged",
                        "created_at": "2026-11-20 09:00:00 UTC",
                        "updated_at": "2026-11-20 11:00:00 UTC",
                        "merge_commit_sha": None,
                        "squash_commit_sha": None,
                        "squash": False,
                        "last_commit": {"id": commit("a"), "timestamp": at("20T10:55")},
                    },
                },
            ),
            gitlab_deployment("20T12:00", "a", 1),
        ],
        count(1) | lead(3, 1),
    ),
    story(
        "gitlab-deployment-and-its-job",
        "The deployment and the job that made it are reported: one, which began when the job did.",
        [
            gitlab_deployment("20T10:10", "a", 1),
            gitlab(
                "Job Hook",
                {
                    "object_kind": "build",
                    "build_id": 1001,
                    "build_name": "deploy",
                    "build_status": "success",
                    "build_started_at": "2026-11-20 10:00:00 UTC",
                    "build_finished_at": "2026-11-20 10:10:00 UTC",
                    "ref": "main",
                    "tag": False,
                    "sha": commit("a"),
                    "environment": {
                        "name": "production",
                        "action": "start",
                        "deployment_tier": "production",
                    },
                },
            ),
            gitlab_deployment("20T12:00", "b", 2),
            cdevent(
                "incident.detected",
                "i",
                "20T10:05",
                {"environment": {"id": "production"}, "service": {"id": "shop"}},
            ),
        ],
        count(2) | {"change-failure-rate": {"failed": 1, "count": 2}},
    ),
    story(
        "gitlab-work-item",
        "An incident is reported as a work item, and closed.",
        [
            gitlab_deployment("20T09:00", "a", 1),
            *(
                gitlab(
                    "Work Item Hook",
                    {
                        "object_kind": "work_item",
                        "object_attributes": {
                            "iid": 4,
                            "type": "Incident",
                            "title": "down",
                            "state": state,
                            "action": action,
                            "created_at": at("20T10:00"),
                            "updated_at": at(when),
                            "closed_at": closed,
                        },
                        "labels": [],
                    },
                )
                for action, state, when, closed in (
                    ("open", "opened", "20T10:00", None),
                    ("close", "closed", "20T11:00", at("20T11:00")),
                )
            ),
        ],
        recovered(2),
    ),
    story(
        "gitlab-label-again",
        "An issue loses the incident's label by mistake and gets it again: it is open.",
        [
            gitlab_deployment("20T09:00", "a", 1),
            *(
                gitlab(
                    "Issue Hook",
                    {
                        "object_kind": "issue",
                        "object_attributes": {
                            "iid": 4,
                            "type": "Issue",
                            "title": "down",
                            "state": "opened",
                            "action": "update",
                            "created_at": at("20T10:00"),
                            "updated_at": at(when),
                            "closed_at": None,
                        },
                        "labels": now,
                        "changes": {"labels": {"previous": before, "current": now}},
                    },
                )
                for when, before, now in (
                    ("20T10:00", [], [{"title": "incident"}]),
                    ("20T10:20", [{"title": "incident"}], []),
                    ("20T10:21", [], [{"title": "incident"}]),
                )
            ),
        ],
        still_open(),
    ),
]

SYNC = "status__operationState__syncResult__"
ARGOCD = [
    story(
        "argocd-several-tags",
        "Pods of older versions still run when the sync is healthy.",
        [
            argocd("20T09:00", "r1", ["ghcr.io/acme/shop:1.9.0"], ["r1"]),
            argocd(
                "20T10:00",
                "r2",
                ["ghcr.io/acme/shop:1.9.0", "ghcr.io/acme/shop:1.10.0"],
                ["r1", "r2"],
            ),
            packaged("20T08:00", image("1.9.0"), "a"),
            packaged("20T09:30", image("1.10.0"), "b"),
            github_push("20T08:00", ("a", "20T08:00")),
            github_push("20T09:00:00", ("b", "20T09:00"), before="a"),
        ],
        count(2) | lead(1 + 2 / HOUR, 2),
    ),
    story(
        "argocd-back-by-a-parameter",
        "Helm's parameter names the older tag while pods of the newer one still run: a rollback.",
        [
            argocd("20T09:00", "r1", ["ghcr.io/acme/shop:1.0"], ["r1"]),
            argocd("20T10:00", "r2", ["ghcr.io/acme/shop:2.0"], ["r1", "r2"]),
            argocd(
                "20T11:00",
                "r3",
                ["ghcr.io/acme/shop:1.0", "ghcr.io/acme/shop:2.0"],
                ["r1", "r2", "r3"],
                spec__source={"helm": {"parameters": [{"name": "image.tag", "value": "1.0"}]}},
            ),
        ],
        count(3) | {"deployment-rework-rate": {"rework": 1, "count": 3}},
    ),
    story(
        "argocd-app-of-apps",
        "An Application of Applications has no images; its child has.",
        [
            argocd("20T09:00", "r1", [], ["r1"], name="apps", kinds=["Application"]),
            argocd("20T09:00", "r1", ["ghcr.io/acme/shop:1.0"], ["r1"]),
        ],
        count(1),
        service=None,
    ),
    story(
        "argocd-several-sources",
        "A chart and its values come from two repositories; either may change alone.",
        [
            argocd(
                "20T09:00",
                "r1",
                ["ghcr.io/acme/shop:1.0"],
                [],
                **{f"{SYNC}revision": "", f"{SYNC}revisions": ["1.4.2", commit("r1")]},
            ),
            argocd(
                "20T10:00",
                "r2",
                ["ghcr.io/acme/shop:2.0"],
                [],
                **{f"{SYNC}revision": "", f"{SYNC}revisions": ["1.4.2", commit("r2")]},
            ),
        ],
        count(2),
    ),
    story(
        "argocd-before-2.14",
        "An older Argo CD does not say since when an Application is healthy.",
        [
            argocd("20T09:00", "r1", ["ghcr.io/acme/shop:1.0"], ["r1"], healthy=None),
            argocd("20T10:00", "r2", ["ghcr.io/acme/shop:2.0"], ["r1", "r2"], healthy=None),
        ],
        count(2),
    ),
    story(
        "argocd-corrected",
        "An older Argo CD reports a sync with the image of the one before, and again with its own.",
        [
            argocd("20T09:00", "r1", ["ghcr.io/acme/shop:1.0"], ["r1"], healthy=None),
            *(
                argocd(
                    "20T10:00",
                    "r2",
                    [f"ghcr.io/acme/shop:{tag}"],
                    ["r1", "r2"],
                    healthy=None,
                    status__reconciledAt=at(f"20T10:00:{second}"),
                )
                for tag, second in (("1.0", "03"), ("2.0", "45"))
            ),
            packaged("20T08:00", image("1.0"), "a"),
            packaged("20T09:30", image("2.0"), "b"),
            github_push("20T08:00", ("a", "20T08:00")),
            github_push("20T09:00:00", ("b", "20T09:00"), before="a"),
        ],
        count(2) | lead(1 + 2 / HOUR, 2) | {"deployment-rework-rate": {"value": None}},
    ),
    story(
        "argocd-corrected-rollback",
        "The same when it goes back: the first report has the newer image.",
        [
            argocd("20T09:00", "r1", ["ghcr.io/acme/shop:1.0"], ["r1"], healthy=None),
            argocd("20T10:00", "r2", ["ghcr.io/acme/shop:2.0"], ["r1", "r2"], healthy=None),
            *(
                argocd(
                    "20T11:00",
                    "r3",
                    [f"ghcr.io/acme/shop:{tag}"],
                    ["r1", "r2", "r3"],
                    healthy=None,
                    status__reconciledAt=at(f"20T11:00:{second}"),
                )
                for tag, second in (("2.0", "03"), ("1.0", "45"))
            ),
        ],
        count(3) | {"deployment-rework-rate": {"rework": 1, "count": 3}},
    ),
    story(
        "argocd-cron-job",
        "Pods of a CronJob keep the image of the version before.",
        [
            argocd(
                "20T09:00", "r1", ["ghcr.io/acme/shop:1.0"], ["r1"], kinds=["Deployment", "CronJob"]
            ),
            argocd(
                "20T10:00",
                "r2",
                ["ghcr.io/acme/shop:1.0", "ghcr.io/acme/shop:2.0"],
                ["r1", "r2"],
                kinds=["Deployment", "CronJob"],
            ),
            argocd(
                "20T11:00",
                "r3",
                ["ghcr.io/acme/shop:1.0", "ghcr.io/acme/shop:2.0", "ghcr.io/acme/shop:3.0"],
                ["r1", "r2", "r3"],
                kinds=["Deployment", "CronJob"],
            ),
        ],
        count(3) | {"deployment-rework-rate": {"value": None}},
    ),
]

RECONCILED = "Reconciliation finished in 1.2s, next run in 10m0s"
FLUX = [
    story(
        "flux-two-kustomizations",
        "Each commit reconciles both; only one of them changes by each.",
        [
            flux(reason, when, f"main@sha1:{commit(revision)}", message, name=name)
            for when, revision, name, changes in (
                ("20T09:00", "r1", "shop", True),
                ("20T09:00", "r1", "cart", True),
                ("20T10:00", "r2", "shop", False),
                ("20T10:00", "r2", "cart", True),
                ("20T11:00", "r3", "shop", True),
                ("20T11:00", "r3", "cart", False),
            )
            for reason, message in (
                [("Progressing", f"Deployment/production/{name} configured")] if changes else []
            )
            + [("ReconciliationSucceeded", RECONCILED)]
        ],
        count(4),
        service=None,
    ),
    story(
        "flux-infrastructure",
        "Flux itself and infrastructure are reconciled, and one of that which says that it is a service.",
        [
            flux(
                "ReconciliationSucceeded",
                "20T09:00",
                f"main@sha1:{commit('r1')}",
                RECONCILED,
                name=name,
            )
            for name in ("flux-system", "infra-controllers", "cert-infra")
        ]
        + [
            flux(
                "ReconciliationSucceeded",
                "20T09:00",
                f"main@sha1:{commit('r1')}",
                RECONCILED,
                name="infra-gateway",
                **{"event.toolkit.fluxcd.io/service": "gateway"},
            )
        ],
        count(1),
        service=None,
    ),
    story(
        "flux-helm",
        "A chart is installed, upgraded, fails and is rolled back to what ran: two deployments.",
        [
            flux(reason, when, version, message, kind="HelmRelease")
            for reason, when, version, message in (
                (
                    "InstallSucceeded",
                    "20T09:00",
                    "1.0.0",
                    "Helm install succeeded for release production/shop.v1 with chart shop@1.0.0",
                ),
                (
                    "UpgradeSucceeded",
                    "20T10:00",
                    "1.1.0",
                    "Helm upgrade succeeded for release production/shop.v2 with chart shop@1.1.0",
                ),
                (
                    "UpgradeFailed",
                    "20T11:00",
                    "1.2.0",
                    "Helm upgrade failed for release production/shop with chart shop@1.2.0: timed out",
                ),
                (
                    "RollbackSucceeded",
                    "20T11:05",
                    "1.2.0",
                    "Helm rollback to previous release production/shop.v2 with chart shop@1.1.0 succeeded",
                ),
            )
        ],
        count(2),
    ),
]

INPUTS = {"uri": f"git+{GITHUB}.git@refs/heads/main", "digest": {"sha1": commit("a")}}
OUTPUTS = {"uri": "ghcr.io/acme/shop", "digest": digest("1")}
OTHERS = [
    story(
        "tekton-outputs",
        "A run names image and source by type hints; the digest runs.",
        [
            tekton(
                "20T08:30",
                {
                    "image-ARTIFACT_OUTPUTS": OUTPUTS,
                    "CHAINS-GIT_COMMIT": commit("a"),
                    "CHAINS-GIT_URL": GITHUB,
                },
            ),
            github_push("20T08:00", ("a", "20T08:00")),
            cdevent(
                "service.deployed",
                "shop",
                "20T10:00",
                {"environment": {"id": "production"}, "artifactId": image("1", by=digest("1"))},
            ),
        ],
        count(1) | lead(2, 1),
    ),
    story(
        "tekton-images",
        "A run lists its images by digest, one of them by a tag alone, and its source as an input.",
        [
            tekton(
                "20T08:30",
                {
                    "IMAGES": f"ghcr.io/acme/shop@{digest('1')}, ghcr.io/acme/cart:2",
                    "source-ARTIFACT_INPUTS": {
                        "uri": f"git+{GITHUB}.git",
                        "digest": f"sha1:{commit('a')}",
                    },
                },
            ),
            github_push("20T08:00", ("a", "20T08:00")),
            cdevent(
                "service.deployed",
                "shop",
                "20T10:00",
                {"environment": {"id": "production"}, "artifactId": image("1", by=digest("1"))},
            ),
        ],
        count(1) | lead(2, 1),
    ),
    story(
        "tekton-deploys-a-commit",
        "A run that deploys names its commit and no image; another names nothing.",
        [
            github_push("20T08:00", ("a", "20T08:00")),
            tekton(
                "20T09:00",
                {"CHAINS-GIT_COMMIT": commit("a") + "\n", "CHAINS-GIT_URL": f"{GITHUB}.git\n"},
                **{"dora.dev/service": "shop", "dora.dev/environment": "production"},
            ),
            tekton(
                "20T10:00", {}, **{"dora.dev/service": "shop", "dora.dev/environment": "production"}
            ),
        ],
        count(1) | lead(1, 1),
    ),
    story(
        "jenkins-failed-then-succeeded",
        "A build that deploys fails in two words, then succeeds; its commit is what it checked out.",
        [
            github_push("20T08:00", ("a", "20T08:00")),
            *(
                jenkins(
                    when, number, state, of=commit("a"), SERVICE="shop", ENVIRONMENT="production"
                )
                for when, number, state in (
                    ("20T09:00", 1, "FAILED"),
                    ("20T09:10", 2, "FAILURE"),
                    ("20T10:00", 3, "SUCCESS"),
                )
            ),
        ],
        count(1) | lead(2, 1),
    ),
    story(
        "sdk-without-a-time",
        "A CDEvent comes without the CloudEvent's time, another with that of sending, a day later.",
        [
            {name: value for name, value in deployed("20T09:00", "1").items() if name != "time"},
            deployed("20T10:00", "2") | {"time": at("21T12:00")},
            cdevent(
                "incident.detected",
                "i",
                "20T10:30",
                {"environment": {"id": "production"}, "service": {"id": "shop"}},
            )
            | {"time": at("20T09:30")},
            cdevent(
                "incident.resolved",
                "i",
                "20T11:00",
                {"environment": {"id": "production"}, "service": {"id": "shop"}},
            ),
        ],
        count(2) | recovered(1, of=2),
    ),
    story(
        "deployer-says-the-commits",
        "The second deployment says what git log lists; one of that is on a branch that no push leads to.",
        [
            github_push("20T08:00", ("a", "20T08:00")),
            github_push("20T10:00", ("b", "20T10:00"), branch="release/1"),
            github_push("20T11:00", ("c", "20T11:00"), before="a"),
            deployed("20T09:00", "1", commit=commit("a"), repository=GITHUB),
            deployed(
                "20T12:00",
                "2",
                commit=commit("c"),
                repository=GITHUB,
                commits=[{"sha": commit("c")}, {"sha": commit("b")}],
            ),
        ],
        count(2) | lead(1, 3),
    ),
    story(
        "told-commit-is-shortened",
        "The deployer says the commit's first nine digits.",
        [
            github_push("20T08:30", ("a", "20T08:00")),
            deployed("20T10:00", "1", commit=commit("a")[:9], repository=f"{GITHUB}.git"),
        ],
        count(1) | lead(2, 1),
    ),
]


def opsgenie(action: str, moment: str) -> Json:
    """Return what was done to an alert."""
    known = {"alertId": "a1", "message": "down", "priority": "P1", "tags": ["service:shop"]}
    times = {"createdAt": milliseconds("20T10:00"), "updatedAt": milliseconds(moment)}
    return webhook("/opsgenie", {"action": action, "alert": known | times})


def datadog(transition: str, moment: str, cycle: str = "c1") -> Json:
    """Return what a monitor says."""
    body = {"alert_transition": transition, "alert_cycle_key": cycle, "alert_title": "down"}
    body |= {"tags": "service:shop,env:production", "date": str(milliseconds(moment))}
    return webhook("/datadog", body)


def servicenow(operation: str, state: str, was: str, moment: str, resolved: str = "") -> Json:
    """Return what happened to an incident."""
    written = {
        name: at(when).rstrip("Z").replace("T", " ")
        for name, when in {
            "opened_at": "20T10:00",
            "sys_updated_on": moment,
            "happened_at": moment,
        }.items()
    }
    ended = at(resolved).rstrip("Z").replace("T", " ") if resolved else ""
    body = {"operation": operation, "sys_id": "s1", "state": state, "previous_state": was}
    return webhook(
        "/servicenow",
        body | written | {"resolved_at": ended, "business_service": "shop", "priority": "1"},
    )


def sentry(kind: str, action: str, moment: str, **data: Json) -> Json:
    """Return what Sentry says of an issue."""
    sent = {
        "Sentry_Hook_Resource": kind,
        "Sentry_Hook_Timestamp": str(milliseconds(moment) // 1000),
    }
    return webhook("/sentry", {"action": action, "data": data}, **sent)


def sentry_alert(moment: str) -> Json:
    """Return that an alert rule fired on an issue."""
    page = "https://sentry.io/api/0/projects/acme/shop/events/e1/"
    found = {"issue_id": "7", "title": "down", "datetime": at(moment), "url": page}
    return sentry(
        "event_alert", "triggered", moment, event=found | {"tags": [["environment", "production"]]}
    )


def octopus(moment: str, release: str, number: int) -> Json:
    """Return that a release is deployed."""
    message = f"Deploy to production succeeded for shop release {release} to production"
    names = {"Projects-3": "shop", "Releases-13": release, "Environments-2": "production"}
    places = [
        {"ReferencedDocumentId": id_, "StartIndex": message.rindex(name), "Length": len(name)}
        for id_, name in names.items()
    ]
    event: Json = {"Category": "DeploymentSucceeded", "Occurred": at(moment), "Message": message}
    event |= {"RelatedDocumentIds": [f"Deployments-{number}", *names], "MessageReferences": places}
    payload = {"ServerUri": "https://octopus.example.com", "Event": event}
    return webhook("/octopus-deploy", {"Payload": payload})


def azure_release(moment: str, release: str, number: int) -> Json:
    """Return that a classic release is deployed."""
    page = f"https://dev.azure.com/acme/Shop/_release?releaseId={number}"
    known = {"id": number, "name": release, "_links": {"web": {"href": page}}}
    place = {"id": number * 10, "name": "production", "status": "succeeded", "release": known}
    place["releaseDefinition"] = {"id": 1, "name": "shop"}
    resource = {"environment": place, "project": {"name": "Shop"}}
    kind = "ms.vss-release.deployment-completed-event"
    return webhook(
        "/azure-devops", {"eventType": kind, "resource": resource, "createdDate": at(moment)}
    )


FORGE = "https://git.example.com/acme/shop"


def gitea(event: str, body: Json) -> Json:
    """Return a webhook of Gitea."""
    repository = {"id": 5, "html_url": FORGE, "default_branch": "main", "name": "shop"}
    return webhook("/gitea", body | {"repository": repository}, X_Gitea_Event=event)


CLONED = "https://git.example.com/scm/acme/shop"


def bitbucket(key: str, body: Json) -> Json:
    """Return a webhook of Bitbucket Data Center."""
    return webhook("/bitbucket", body | {"eventKey": key}, X_Event_Key=key)


SHOP_OF_BITBUCKET: Json = {
    "id": 656,
    "links": {"clone": [{"name": "http", "href": f"{CLONED}.git"}]},
}
OPEN, SOLVED, OVER = "2", "6", "7"
WAYS = [
    story(
        "opsgenie-closed-then-deleted",
        "An alert is created, acknowledged, closed and, a day later, deleted.",
        [
            FIRST,
            *(
                opsgenie(action, when)
                for action, when in (
                    ("Create", "20T10:00"),
                    ("Acknowledge", "20T10:05"),
                    ("Close", "20T11:00"),
                    ("Delete", "21T11:00"),
                )
            ),
        ],
        recovered(2),
    ),
    story(
        "datadog-returns",
        "A monitor triggers, reminds and recovers, then warns; later it triggers in another cycle.",
        [
            FIRST,
            datadog("Triggered", "20T10:00"),
            datadog("Re-Triggered", "20T10:30"),
            datadog("Recovered", "20T11:00"),
            datadog("Warn", "20T12:00", "c2"),
            datadog("Recovered", "20T12:30", "c2"),
            datadog("Triggered", "20T13:00", "c3"),
            datadog("Recovered", "20T13:30", "c3"),
        ],
        recovered(4.5),
    ),
    story(
        "servicenow-reopened",
        "An incident is resolved, reopened, resolved again and closed days later.",
        [
            FIRST,
            servicenow("insert", OPEN, "", "20T10:00"),
            servicenow("update", SOLVED, OPEN, "20T10:30", "20T10:30"),
            servicenow("update", OPEN, SOLVED, "20T10:40", "20T10:30"),
            servicenow("update", SOLVED, OPEN, "20T11:00", "20T11:00"),
            servicenow("update", OVER, SOLVED, "23T11:00", "20T11:00"),
        ],
        recovered(2),
    ),
    story(
        "sentry-issue",
        "Alert rules fire on an issue, twice; it is resolved; another issue that nobody watches is, too.",
        [
            FIRST,
            sentry("issue", "created", "20T10:00", issue={"id": "7", "project": {"slug": "shop"}}),
            sentry_alert("20T10:00"),
            sentry_alert("20T10:20"),
            sentry("issue", "resolved", "20T11:00", issue={"id": "7", "project": {"slug": "shop"}}),
            sentry("issue", "resolved", "20T12:00", issue={"id": "8", "project": {"slug": "shop"}}),
        ],
        recovered(2),
    ),
    story(
        "octopus-earlier-release",
        "Two releases, then the first one again: a rollback.",
        [
            octopus("20T09:00", "1.0", 1),
            octopus("20T10:00", "1.1", 2),
            octopus("20T11:00", "1.0", 3),
        ],
        count(3) | {"deployment-rework-rate": {"rework": 1, "count": 3}},
    ),
    story(
        "azure-release",
        "A classic release is deployed, and once more; what it was made of a pipeline says.",
        [
            github_push("20T08:00", ("a", "20T08:00")),
            packaged("20T08:30", "pkg:generic/shop@Release-1", "a"),
            azure_release("20T10:00", "Release-1", 1),
            azure_release("20T11:00", "Release-1", 1),
        ],
        count(1) | lead(2, 1),
    ),
    story(
        "gitea-push-and-incident",
        "Gitea lists the newest commit first; its issue gets the label, and is deleted.",
        [
            gitea(
                "push",
                {
                    "ref": "refs/heads/main",
                    "before": NEW,
                    "after": commit("b"),
                    "commits": [
                        {"id": commit("b"), "timestamp": at("20T08:30")},
                        {"id": commit("a"), "timestamp": at("20T08:00")},
                    ],
                    "head_commit": {"id": commit("b"), "timestamp": at("20T08:30")},
                },
            ),
            deployed("20T08:40", "1", commit=commit("a"), repository=FORGE),
            deployed("20T09:00", "2", commit=commit("b"), repository=FORGE),
            *(
                gitea(
                    "issues",
                    {
                        "action": action,
                        "issue": {
                            "number": 3,
                            "title": "down",
                            "labels": [{"name": "incident"}],
                            "closed_at": None,
                            "created_at": at("20T10:00"),
                            "updated_at": at(when),
                        },
                    },
                )
                for action, when in (("label_updated", "20T10:10"), ("deleted", "20T11:00"))
            ),
        ],
        count(2) | lead(35 / 60, 2) | recovered(2, of=2),
    ),
    story(
        "bitbucket-pull-request",
        "Data Center reports a push and the pull request that it is the merge of: the clock starts at its opening.",
        [
            bitbucket(
                "repo:refs_changed",
                {
                    "date": "2026-11-20T11:00:00+0000",
                    "repository": SHOP_OF_BITBUCKET,
                    "changes": [
                        {
                            "ref": {"id": "refs/heads/main"},
                            "fromHash": commit("z"),
                            "toHash": commit("m"),
                            "type": "UPDATE",
                        }
                    ],
                    "commits": [
                        {"id": commit("m"), "committerTimestamp": milliseconds("20T11:00")},
                        {"id": commit("a"), "committerTimestamp": milliseconds("20T10:30")},
                    ],
                },
            ),
            bitbucket(
                "pr:merged",
                {
                    "date": "2026-11-20T11:00:00+0000",
                    "pullRequest": {
                        "id": 9,
                        "state": "MERGED",
                        "createdDate": milliseconds("20T10:00"),
                        "closedDate": milliseconds("20T11:00"),
                        "fromRef": {"latestCommit": commit("a")},
                        "toRef": {"displayId": "main", "repository": SHOP_OF_BITBUCKET},
                        "properties": {"mergeCommit": {"id": commit("m")}},
                    },
                },
            ),
            deployed("20T09:00", "1", commit=commit("z"), repository=CLONED),
            deployed("20T12:00", "2", commit=commit("m"), repository=CLONED),
        ],
        count(2) | {"lead-time-for-changes": {"value": 2 * HOUR, "count": 1}},
    ),
    story(
        "harbor-moves-a-tag",
        "What is deployed is called latest each time; the registry says that it means another digest.",
        [
            *(
                webhook(
                    "/harbor",
                    {
                        "type": "PUSH_ARTIFACT",
                        "occur_at": milliseconds(when) // 1000,
                        "operator": "ci",
                        "event_data": {
                            "resources": [
                                {
                                    "digest": digest(which),
                                    "tag": "latest",
                                    "resource_url": "ghcr.io/acme/shop:latest",
                                }
                            ]
                        },
                    },
                )
                for when, which in (("20T08:00", "1"), ("20T11:30", "2"))
            ),
            deployed("20T09:00", "latest"),
            deployed("20T10:00", "latest"),
            deployed("20T12:00", "latest"),
        ],
        count(2),
    ),
]


def argocd_health(what: str, moment: str, status_: str, degraded: str | None = None) -> Json:
    """Return that an Application got degraded, or is healthy again after what was notified of."""
    found = argocd(moment, "r1", ["ghcr.io/acme/shop:1.0"], ["r1"], healthy=moment)
    found["data"]["what"] = what
    app = found["data"]["app"]
    app["status"]["health"]["status"] = status_
    if degraded:
        key = f"{at(degraded)}:on-dora-degraded:[0].x:dora:dora"
        notified = json.dumps({key: 1794998400})
        app["metadata"]["annotations"]["notified.notifications.argoproj.io"] = notified
    return found | {"id": f"{what} {moment}"}


MORE = [
    story(
        "alert-ends-while-it-is-silenced",
        "An alert ends while it is silenced, so nobody says so; days later it fires and ends: nothing stays open.",
        [
            FIRST,
            alerts(alert("20T10:00")),
            deployed("23T09:00", "2"),
            alerts(alert("23T10:00")),
            alerts(alert("23T10:00", "23T11:00")),
        ],
        {
            "change-failure-rate": {"failed": 2, "count": 2},
            "failed-deployment-recovery-time": {"count": 2, "open": 0},
        },
    ),
    story(
        "pagerduty-service-by-its-id",
        "The catalog knows PagerDuty's service by its id, and where it runs.",
        [
            deployed("20T09:00", "1", where="live"),
            pagerduty("triggered", "20T10:00"),
            pagerduty("resolved", "20T11:00"),
        ],
        recovered(2),
        catalog={
            "services": {
                "shop": {"aliases": [{"name": "PF9", "tool": "pagerduty", "environment": "live"}]}
            }
        },
    ),
    story(
        "gitlab-squash-and-its-head",
        "The pipeline deploys the head of a merge request that is squashed: its commit is the squash.",
        [
            gitlab_push(("s", "20T11:00")),
            gitlab(
                "Merge Request Hook",
                {
                    "object_kind": "merge_request",
                    "object_attributes": {
                        "iid": 3,
                        "target_branch": "main",
                        "action": "merge",
                        "state": "merged",
                        "created_at": "2026-11-20 10:00:00 UTC",
                        "updated_at": "2026-11-20 11:00:00 UTC",
                        "merge_commit_sha": None,
                        "squash_commit_sha": commit("s"),
                        "squash": True,
                        "last_commit": {"id": commit("h"), "timestamp": at("20T10:30")},
                    },
                },
            ),
            gitlab_deployment("20T12:00", "h", 1),
        ],
        count(1) | lead(2, 1),
    ),
    story(
        "jenkins-tells-the-image",
        "A build deploys an image that another says the commit of.",
        [
            github_push("20T08:00", ("a", "20T08:00")),
            packaged("20T08:30", image("1"), "a"),
            jenkins(
                "20T10:00",
                7,
                of="",
                SERVICE="shop",
                ENVIRONMENT="production",
                ARTIFACT="ghcr.io/acme/shop:1",
            ),
            jenkins(
                "20T10:30",
                8,
                of="",
                SERVICE="shop",
                ENVIRONMENT="staging",
                ARTIFACT="ghcr.io/acme/shop:1",
            ),
        ],
        count(1) | lead(2, 1),
    ),
    story(
        "argocd-degraded",
        "An Application is synced, gets degraded and is healthy again.",
        [
            argocd("20T09:00", "r1", ["ghcr.io/acme/shop:1.0"], ["r1"]),
            argocd_health("degraded", "20T10:00", "Degraded"),
            argocd_health("recovered", "20T10:59:02", "Healthy", "20T10:00"),
        ],
        recovered(2 - 1 / 60),
    ),
    story(
        "flux-names-its-image",
        "A Kustomization names its image; GitHub says of which commit it is.",
        [
            github_push("20T08:00", ("a", "20T08:00")),
            packaged("20T08:30", image("1"), "a"),
            *(
                flux(
                    "ReconciliationSucceeded",
                    when,
                    f"main@sha1:{commit(revision)}",
                    RECONCILED,
                    **{"event.toolkit.fluxcd.io/image": "ghcr.io/acme/shop:1"},
                )
                for when, revision in (("20T10:00", "r1"), ("20T11:00", "r2"))
            ),
        ],
        count(1) | lead(2, 1),
    ),
    story(
        "cdevents-of-an-older-release",
        "Somebody sends CDEvents of release 0.3.0.",
        [
            cloudevent(
                "dev.cdevents.service.deployed.0.1.1",
                {
                    "context": {
                        "version": "0.3.0",
                        "id": "old",
                        "source": "/acme",
                        "type": "dev.cdevents.service.deployed.0.1.1",
                        "timestamp": at("20T09:00"),
                    },
                    "subject": {
                        "id": "shop",
                        "source": "/acme",
                        "type": "service",
                        "content": {"environment": {"id": "production"}, "artifactId": image("1")},
                    },
                },
                subject="shop",
                time=at("20T09:00"),
            )
            | {"id": "old"},
            deployed("20T10:00", "2"),
        ],
        count(2),
    ),
    story(
        "two-repositories-one-incident",
        "Two teams call something api, which the catalog tells apart; the issue is of the first one's.",
        [
            github_deployment("20T09:00", "a", 1, name="acme/api", number=1),
            github_deployment("20T10:00", "x", 2, name="other/api", number=2),
            github_issue("opened", "20T10:30", "20T10:30", name="acme/api", number=1),
            github_issue("closed", "20T11:00", "20T10:30", "20T11:00", name="acme/api", number=1),
        ],
        count(1) | recovered(2),
        service="acme-api",
        catalog={
            "services": {
                f"{owner}-api": {
                    "aliases": [{"name": "api", "tool": f"https://github.com/{owner}/api"}]
                }
                for owner in ("acme", "other")
            }
        },
    ),
]

STORIES: list[Json] = [
    *JIRA,
    *PAGERDUTY,
    *ALERTS,
    *GITHUB_STORIES,
    *GITLAB_STORIES,
    *ARGOCD,
    *FLUX,
    *OTHERS,
    *WAYS,
    *MORE,
]
