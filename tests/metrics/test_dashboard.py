"""Grafana's dashboard is what its code makes, and all of its SQL runs as who may only read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scripts.dashboard.__main__ import FILE, written
from tests.bench.database import fill, without_indexes
from tests.conftest import Database
from tests.grafana import ANNOTATIONS, DASHBOARD, PANELS, VARIABLES, Grafana, sql_of, statements
from tests.metrics.conftest import FOUR_WEEKS, Report
from tests.metrics.happenings import DAY, deployed, incident, merged


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def test_the_committed_dashboard_is_what_its_code_makes() -> None:
    assert FILE.read_text() == written(), "run make dashboard"


def test_every_panel_says_what_it_shows_and_what_no_data_means() -> None:
    for title, panel in PANELS.items():
        assert len(panel["description"]) > 60, title
        assert "docs/metrics.md" in panel["description"] or panel["type"] == "timeseries"
        assert panel["fieldConfig"]["defaults"]["noValue"], title


def test_panels_lie_side_by_side_and_none_on_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_team_service_tier_and_environment_are_chosen_from_the_catalog() -> None:
    assert list(VARIABLES) == ["datasource", "team", "service", "tier", "environment", "bucket"]
    for name in ("team", "service", "tier", "environment"):
        assert (VARIABLES[name]["multi"], VARIABLES[name]["allValue"]) == (True, "null")
    assert VARIABLES["tier"]["current"]["value"] == ["production"]


@pytest.mark.parametrize("chosen", [{}, {"team": ["it's"], "service": ["shop", "cart"]}], ids=str)
def test_each_statement_runs_as_who_may_only_read(
    report: Report, database: Database, chosen: dict[str, list[str]]
) -> None:
    report(
        merged("a1", DAY, ("a1", DAY - 60)),
        deployed("d1", 2 * DAY, commit="a1", team="it's"),
        incident("detected", 2 * DAY + 5),
    )
    grafana = Grafana(database, FOUR_WEEKS["from"], FOUR_WEEKS["to"], chosen)

    shown = {name: grafana.shown(sql) for name, sql in statements()}

    # No rollback happened.
    assert [name for name, rows in shown.items() if not rows] == ["marks of Rollbacks"]
    assert len(shown) == 21


def test_incidents_and_deployments_are_marks_on_all_charts(
    report: Report, database: Database
) -> None:
    report(
        deployed("d1", 2 * DAY, artifact="pkg:oci/shop?tag=1"),
        incident("detected", 2 * DAY + 5),
        incident("resolved", 2 * DAY + 50),
    )
    grafana = Grafana(database, FOUR_WEEKS["from"], FOUR_WEEKS["to"])
    shown = {name: grafana.shown(each["target"]["rawSql"]) for name, each in ANNOTATIONS.items()}

    assert [each["enable"] for each in ANNOTATIONS.values()] == [False, True, False, True]
    [[_, text, tags]] = shown["Failed deployments"]
    assert (text, tags) == ("shop: pkg:oci/shop?tag=1", "production,failed, recovered")
    [[begin, end, _, service]] = shown["Incidents"]
    assert ((end - begin).total_seconds(), service) == (45 * 60, "shop")


def test_each_statement_runs_on_years_of_many_services(database: Database) -> None:
    history = {"name": "service-", "services": 100, "newest": 10_000}
    begin, end = datetime.now(UTC) - timedelta(days=90), datetime.now(UTC)
    with without_indexes(database.rows):
        fill(database.rows, history | {"newest_at": end, "after": 0, "until": 10_000})
    grafana = Grafana(database, begin.isoformat(), end.isoformat())
    one = grafana._replace(chosen={"team": ["team-0"], "service": ["service-0"]})

    rows = {name: grafana.shown(sql) for name, sql in statements()}

    assert len(rows["Deployments"]) == 200
    assert len(rows["choice of team"]) == 25
    assert len(rows["choice of service"]) == 100
    assert all(values for name, values in rows.items() if name != "marks of Rollbacks")
    assert rows["Deployment frequency"][0][1] == "elite"
    assert {row[1] for row in one.shown(sql_of(PANELS["Deployments"]))} == {"service-0"}
