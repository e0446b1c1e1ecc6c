"""What happened, as marks on all charts; each can be turned on and off above the panels."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery

from scripts.dashboard import queries

if TYPE_CHECKING:
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models.dashboard import AnnotationTarget

    from scripts.dashboard.queries import Query


def marks() -> list[AnnotationQuery]:
    """Return them; all deployments are many, and so are off at first."""
    return [
        _of("Deployments", queries.deployment_marks(), "blue").enable(False),
        _of("Failed deployments", queries.deployment_marks("is_failed"), "red"),
        _of("Rollbacks", queries.deployment_marks("is_rollback"), "purple").enable(False),
        _of("Incidents", queries.incident_marks(), "orange"),
    ]


def _of(name: str, query: Query, colour: str) -> AnnotationQuery:
    return (
        AnnotationQuery()
        .name(name)
        .datasource(queries.DATASOURCE)
        .enable(True)
        .icon_color(colour)
        # The library knows Grafana's own annotations alone; any data source takes its queries here.
        .target(cast("Builder[AnnotationTarget]", query))
    )
