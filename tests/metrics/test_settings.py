"""What users can decide otherwise: rows of the tables of settings."""

from __future__ import annotations

from tests.conftest import Database
from tests.metrics.conftest import Report
from tests.metrics.happenings import deployed, merged


def test_the_tiers_are_a_table_that_users_can_change(database: Database, report: Report) -> None:
    database.rows("insert into tier_words values ('eu', 'production', 0)")

    answers = report(deployed("d1", 1, environment="shop-eu"))

    assert answers.metric("deployment-frequency")["count"] == 1


def test_the_thresholds_are_a_table_that_users_can_change(
    database: Database, report: Report
) -> None:
    database.rows(
        "update performance_levels set bound = 60, report_year = 2030"
        " where metric = 'lead-time-for-changes' and level = 'elite'"
    )
    database.rows("update metric_settings set level_count = 1")

    lead_time = report(merged("c1", 0), deployed("d1", 60, commit="c1")).metric(
        "lead-time-for-changes"
    )

    assert (lead_time["level"], lead_time["report_year"]) == ("high", 2023)
