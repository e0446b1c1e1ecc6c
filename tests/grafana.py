"""The dashboard's SQL, run as Grafana does: its macros and variables replaced, as who may only read."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from dora.questions.metrics import METRICS
from tests.conftest import Database

DASHBOARD = json.loads((Path(__file__).parents[1] / "dashboards" / "dora.json").read_text())
VARIABLES = {each["name"]: each["query"] for each in DASHBOARD["templating"]["list"]}
# Of each metric, in the API's order: its value, and its value by bucket.
PANELS = {
    metric: DASHBOARD["panels"][place : place + 2]
    for metric, place in zip(METRICS, range(0, len(DASHBOARD["panels"]), 2), strict=False)
}


class Grafana(NamedTuple):
    """What is chosen in the dashboard."""

    database: Database
    start: str
    end: str
    tiers: list[str]
    services: list[str] | None = None

    def value(self, metric: str) -> Any:
        """Return a metric's value."""
        rows = self.shown(PANELS[metric][0]["targets"][0]["rawSql"])
        return rows[0][0] if rows else None

    def series(self, metric: str) -> dict[Any, Any]:
        """Return a metric's values by week."""
        return {row[0]: row[1] for row in self.shown(PANELS[metric][1]["targets"][0]["rawSql"])}

    def shown(self, sql: str) -> list[list[Any]]:
        """Return the rows of a panel or a variable; all environments and services are chosen."""
        chosen = {"$__timeFrom()": f"'{self.start}'", "$__timeTo()": f"'{self.end}'"}
        chosen |= {"$bucket": "week", "${tier:sqlstring}": _listed(self.tiers)}
        for name in ("environment", "service"):
            if f"${{{name}:sqlstring}}" in sql:
                found = [value for [value] in self.shown(VARIABLES[name])]
                if name == "service" and self.services:
                    found = self.services
                chosen[f"${{{name}:sqlstring}}"] = _listed(found)
        for name, value in chosen.items():
            sql = sql.replace(name, value)
        with closing(self.database.server.connect(self.database.name, "dora_reader")) as reader:
            return reader.run(sql) or []


def _listed(values: list[str]) -> str:
    return ",".join("'" + value.replace("'", "''") + "'" for value in values) or "null"
