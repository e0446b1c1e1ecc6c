"""What the dashboard asks PostgreSQL."""

from __future__ import annotations

from typing import Any, Self

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef

DATASOURCE = DataSourceRef("grafana-postgresql-datasource", "${datasource}")
MOST_ROWS = 200

SPAN = "$__timeFrom()::timestamptz, $__timeTo()::timestamptz"
TEAMS, SERVICES, ENVIRONMENTS, TIERS = (
    f"array[${{{name}:sqlstring}}]" for name in ("team", "service", "environment", "tier")
)
CHOSEN = (
    f"dashboard_chosen_services({TEAMS}, {SERVICES}), "
    f"dashboard_chosen({ENVIRONMENTS}), dashboard_chosen({TIERS})"
)


class Query(Builder[Dataquery], Dataquery):
    """A statement, as the data source of PostgreSQL takes it."""

    def __init__(self, sql: str, form: str = "table") -> None:
        self.sql, self.form = sql, form

    def build(self) -> Self:
        """Return itself."""
        return self

    def to_json(self) -> dict[str, Any]:
        """Return what Grafana keeps."""
        return {
            "refId": "A",
            "datasource": DATASOURCE,
            "editorMode": "code",
            "format": self.form,
            "rawQuery": True,
            "rawSql": self.sql,
        }


def value(metric: str, name: str) -> Query:
    """Return a metric's value, and its level or the reason why there is none."""
    return Query(
        f'select value as "{name}", coalesce(level, reason) as "level"\n'
        f"from dashboard_metric('{metric}', {SPAN}, {CHOSEN})"
    )


def series(metric: str, name: str) -> Query:
    """Return a metric's value by bucket."""
    return Query(
        f'select starts_at as "time", value as "{name}"\n'
        f"from dashboard_series('{metric}', '$bucket', {SPAN}, {CHOSEN})",
        "time_series",
    )


def standing(metrics: list[str]) -> Query:
    """Return what each metric rests on."""
    listed = ", ".join(f"'{metric}'" for metric in metrics)
    return Query(
        'select asked.metric, known.level, known.count as "rests on",\n'
        '    known.reason as "what is not known, and why"\n'
        f"from unnest(array[{listed}]) with ordinality as asked (metric, place)\n"
        f"cross join lateral dashboard_metric(asked.metric, {SPAN}, {CHOSEN}) as known\n"
        "order by asked.place"
    )


def deployments(where: str = "true") -> Query:
    """Return the newest deployments, or those of a kind."""
    return Query(
        'select deployed_at as "time", service, environment, artifact, outcome,\n'
        '    recovered_at - deployed_at as "recovered after", incidents,\n'
        "    case when is_rework then 'rework' end as \"rework\"\n"
        f"from dashboard_deployments({SPAN}, {CHOSEN})\n"
        f"where {where}\n"
        "order by deployed_at desc, id\n"
        f"limit {MOST_ROWS}"
    )


def incidents() -> Query:
    """Return the newest incidents."""
    return Query(
        'select detected_at as "time", service, environment, description,\n'
        '    resolved_at - detected_at as "open for", deployment, why\n'
        f"from dashboard_incidents({SPAN}, {CHOSEN})\n"
        "order by detected_at desc, id\n"
        f"limit {MOST_ROWS}"
    )


def deployment_marks(where: str = "true") -> Query:
    """Return deployments as marks on charts, the newest."""
    return Query(
        'select deployed_at as "time", service || \': \' || coalesce(artifact, id) as "text",\n'
        "    environment || ',' || outcome as \"tags\"\n"
        f"from dashboard_deployments({SPAN}, {CHOSEN})\n"
        f"where {where}\n"
        "order by deployed_at desc, id\n"
        f"limit {MOST_ROWS}"
    )


def incident_marks() -> Query:
    """Return incidents as spans on charts, the newest."""
    return Query(
        'select detected_at as "time", coalesce(resolved_at, now()) as "timeend",\n'
        '    description as "text", coalesce(service, \'of no known service\') as "tags"\n'
        f"from dashboard_incidents({SPAN}, {CHOSEN})\n"
        "order by detected_at desc, id\n"
        f"limit {MOST_ROWS}"
    )
