"""What can be chosen above the panels; where all of a kind are, statements are given array[null]."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import (
    CustomVariable,
    DatasourceVariable,
    QueryVariable,
)
from grafana_foundation_sdk.models.dashboard import (
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from scripts.dashboard.queries import DATASOURCE, SERVICES, TEAMS, TIERS

# Grafana quotes what is chosen, but leaves this as it is.
ALL = "null"
EVERY = VariableOption(text=["All"], value=["$__all"])
TIER_NAMES = ("production", "staging", "testing", "development")
BUCKETS = ("week", "day", "month", "quarter", "year")


def variables() -> list[DatasourceVariable | CustomVariable | QueryVariable]:
    """Return them in the order in which they narrow what is asked."""
    return [
        DatasourceVariable("datasource").label("PostgreSQL").type(DATASOURCE.type_val or ""),
        _found("team", "Team", "select distinct team from dashboard_services"),
        _found(
            "service",
            "Service",
            "select service from dashboard_services\n"
            f"where coalesce(team = any(dashboard_chosen({TEAMS})), true)",
        ),
        _named("tier", "Tier", TIER_NAMES)
        .multi(True)
        .include_all(True)
        .all_value(ALL)
        .current(VariableOption(text=["production"], value=["production"])),
        _found(
            "environment",
            "Environment",
            f"select environment from dashboard_environments({TEAMS}, {SERVICES}, {TIERS})",
        ),
        _named("bucket", "By", BUCKETS),
    ]


def _found(name: str, label: str, sql: str) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query(sql)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
        .multi(True)
        .include_all(True)
        .all_value(ALL)
        .current(EVERY)
    )


def _named(name: str, label: str, values: tuple[str, ...]) -> CustomVariable:
    first = values[0]
    return (
        CustomVariable(name)
        .label(label)
        .values(",".join(values))
        .options(
            [VariableOption(selected=value == first, text=value, value=value) for value in values]
        )
        .current(VariableOption(selected=True, text=first, value=first))
    )
