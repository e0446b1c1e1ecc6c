"""The rows of which numbers are made: /deployments, /changes and /incidents, in an order of their own."""

from __future__ import annotations

from typing import Any

from tests.metrics.reference.deployments import Deployment
from tests.metrics.reference.history import History
from tests.metrics.reference.incidents import Incident
from tests.metrics.reference.shipping import Shipped

Row = dict[str, Any]


def deployments(history: History) -> list[Row]:
    """Every deployment, by source and id."""
    rows = [
        _deployment(history, each) | _what_became_of(history, each)
        for each in history.deployments.all
    ]
    return sorted(rows, key=lambda row: (row["source"], row["id"]))


def changes(history: History, environment: str) -> list[Row]:
    """Every change that a deployment of an environment shipped, by deployment, repository and name."""
    shipped = [
        each
        for deployment, shipment in history.shipping.shipments.items()
        if deployment.counts and deployment.environment == environment
        for each in shipment.shipped
    ]
    names = ("deployment_source", "deployment", "repository", "sha")
    return sorted(map(_change, shipped), key=lambda row: [row[name] for name in names])


def incidents(history: History) -> list[Row]:
    """Every incident, by source and id."""
    rows = [_incident(each) for each in history.incidents]
    return sorted(rows, key=lambda row: (row["source"], row["id"]))


def _deployment(history: History, deployment: Deployment) -> Row:
    shipment = history.shipping.shipments[deployment]
    return {
        "source": deployment.first.source,
        "id": deployment.first.id,
        "service": deployment.service,
        "environment": deployment.environment,
        "deployed_at": deployment.time,
        "artifact": deployment.version.artifact and deployment.version.artifact.name,
        "predicate": deployment.first.kind.removeprefix("service."),
        "is_rollback": deployment.is_rollback,
        "commits": [
            " ".join(filter(None, commit)) for commit in sorted(deployment.version.commits)
        ],
        "shipped_changes": len(shipment.shipped),
        "counts": deployment.counts,
    }


def _what_became_of(history: History, deployment: Deployment) -> Row:
    """Nothing is said of what does not count."""
    failures = history.failures
    is_failed = failures.is_failed(deployment)
    rollbacks = failures.rollbacks_of(deployment)
    row = {
        "is_failed": is_failed,
        "rolled_back_by": rollbacks[0].first.id if rollbacks else None,
        "recovered_at": failures.recovered(deployment) if is_failed else None,
        "is_rework": failures.is_rework(deployment),
        "is_during_incident": failures.is_during_incident(deployment),
        "is_unplanned": deployment.is_unplanned,
    }
    return row if deployment.counts else dict.fromkeys(row)


def _change(shipped: Shipped) -> Row:
    deployment, change = shipped.deployment, shipped.change
    return {
        "repository": change.commit[0],
        "sha": change.commit[1],
        "service": deployment.service,
        "environment": deployment.environment,
        "committed_at": change.committed,
        "opened_at": change.opened,
        "merged_at": change.merged,
        "deployed_at": deployment.time,
        "is_bot": change.is_bots,
        "clock": change.clock[0],
        "lead_time_seconds": shipped.lead_seconds,
        "deployment_source": deployment.first.source,
        "deployment": deployment.first.id,
    }


def _incident(incident: Incident) -> Row:
    source, name = incident.key
    deployment = incident.deployment
    return {
        "source": source,
        "id": name,
        "service": incident.service,
        "environment": incident.environment,
        "detected_at": incident.detected,
        "resolved_at": incident.resolved,
        "deployment_source": deployment and deployment.first.source,
        "deployment": deployment and deployment.first.id,
        "counts": incident.counts,
    }
