"""The dashboard's SQL, run as Grafana does: its macros and variables replaced, as who may only read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from dora.questions.metrics import METRICS
from tests.conftest import Database

DASHBOARD = json.loads((Path(__file__).parents[1] / "dashboards" / "dora.json").read_text())
VARIABLES = {each["name"]: each for each in DASHBOARD["templating"]["list"]}
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"] if panel["type"] != "row"}
ANNOTATIONS = {each["name"]: each for each in DASHBOARD["annotations"]["list"]}
# Of each metric, in the API's order, the panels of its value, and of its value by bucket.
VALUES, SERIES = (
    dict(zip(METRICS, (panel for panel in PANELS.values() if panel["type"] == kind), strict=True))
    for kind in ("stat", "timeseries")
)


def statements() -> Iterator[tuple[str, str]]:
    """Return the SQL of everything, by its name."""
    for title, panel in PANELS.items():
        yield title, sql_of(panel)
    for name, annotation in ANNOTATIONS.items():
        yield f"marks of {name}", annotation["target"]["rawSql"]
    for name, variable in VARIABLES.items():
        if variable["type"] == "query":
            yield f"choice of {name}", variable["query"]


def sql_of(panel: dict[str, Any]) -> str:
    """Return a panel's only statement."""
    [target] = panel["targets"]
    sql: str = target["rawSql"]
    return sql


class Grafana(NamedTuple):
    """What is chosen in the dashboard; of a kind that is not among it, all are."""

    database: Database
    start: str
    end: str
    chosen: dict[str, list[str]] = {}  # noqa: RUF012 - nobody changes it

    def value(self, metric: str) -> tuple[Any, ...]:
        """Return a metric's value and its level or reason."""
        [row] = self.shown(sql_of(VALUES[metric]))
        return tuple(row)

    def series(self, metric: str) -> dict[Any, Any]:
        """Return a metric's values by week."""
        return {row[0]: row[1] for row in self.shown(sql_of(SERIES[metric]))}

    def shown(self, sql: str) -> list[list[Any]]:
        """Return the rows of a statement."""
        put = {"$__timeFrom()": f"'{self.start}'", "$__timeTo()": f"'{self.end}'"}
        for name, variable in VARIABLES.items():
            # Grafana leaves what a variable says of all as it is, and quotes each value otherwise.
            every = variable.get("allValue")
            put[f"${{{name}:sqlstring}}"] = _quoted(self.chosen.get(name)) or str(every)
        put["$bucket"] = "week"
        for name, value in put.items():
            sql = sql.replace(name, value)
        assert "$" not in sql.replace("$$", ""), sql
        with closing(self.database.server.connect(self.database.name, "dora_dashboards")) as reader:
            return reader.run(sql) or []


def _quoted(values: list[str] | None) -> str:
    return ",".join("'" + value.replace("'", "''") + "'" for value in values or [])
