"""Incidents of one alert, again and again: rule 12 of docs/metrics.md.

Times are minutes; minute 0 begins Monday, 5 January 2026.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.conftest import Database
from tests.metrics.conftest import Report
from tests.metrics.happenings import DAY, Event, deployed, incident

OPENINGS = """select incident_id, extract(epoch from begins_at - '2026-01-05Z') / 60,
extract(epoch from ends_at - '2026-01-05Z') / 60 from incident_openings order by begins_at"""


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def fires(number: int, minute: float, **parts: Any) -> Event:
    """Make the detection of an incident of the alert a."""
    return incident("detected", minute, subject=f"a/{number}", alert="a", **parts)


def resolves(number: int, minute: float, **parts: Any) -> Event:
    """Make the resolution of an incident of the alert a."""
    return incident("resolved", minute, subject=f"a/{number}", alert="a", **parts)


def openings(database: Database) -> list[tuple[Any, ...]]:
    """Return each incident's openings: its id, the minutes of their begin and their end."""
    return [
        (name, float(begin), None if end is None else float(end))
        for name, begin, end in database.rows(OPENINGS)
    ]


def test_a_resolution_ends_what_is_open_of_its_alert(report: Report, database: Database) -> None:
    report(deployed("d1", 0), fires(1, 65), resolves(2, 90))

    assert openings(database) == [("a/1", 65, 90)]


def test_what_fires_while_it_is_open_goes_on(report: Report, database: Database) -> None:
    report(deployed("d1", 0), fires(1, 60), fires(2, 80), resolves(2, 120))

    assert openings(database) == [("a/1", 60, 120)]


def test_what_fires_after_its_end_is_another_incident(report: Report, database: Database) -> None:
    answers = report(
        deployed("d1", 0), fires(1, 60), resolves(1, 90), deployed("d2", 100), fires(2, 110)
    )

    assert openings(database) == [("a/1", 60, 90), ("a/2", 110, None)]
    assert answers.ids("is_failed") == ["d1", "d2"]


def test_what_fires_more_than_a_day_later_is_another_incident(
    report: Report, database: Database
) -> None:
    report(deployed("d1", 0), fires(1, 60), fires(2, 61 + DAY), resolves(2, 70 + DAY))

    assert openings(database) == [("a/1", 60, 70 + DAY), ("a/2", 61 + DAY, 70 + DAY)]


def test_what_fires_a_day_later_goes_on(report: Report, database: Database) -> None:
    report(deployed("d1", 0), fires(1, 60), fires(2, 60 + DAY), resolves(2, 70 + DAY))

    assert openings(database) == [("a/1", 60, 70 + DAY)]


def test_what_fires_at_its_end_is_another_incident(report: Report, database: Database) -> None:
    report(fires(1, 60), resolves(1, 60), fires(2, 80), resolves(1, 100), fires(3, 100))

    assert openings(database) == [("a/1", 60, 60), ("a/2", 80, 100), ("a/3", 100, 100)]


def test_another_alert_and_an_incident_without_one_stay_open(
    report: Report, database: Database
) -> None:
    other = incident("detected", 61, subject="b/1", alert="b")
    plain = incident("detected", 62, subject="P1")

    report(deployed("d1", 0), fires(1, 60), other, plain, resolves(1, 90))

    assert openings(database) == [("a/1", 60, 90), ("b/1", 61, None), ("P1", 62, None)]


@pytest.mark.parametrize("order", [*permutations(range(5))][::11])
def test_in_any_order_one_at_a_time_it_is_the_same(
    report: Report, database: Database, order: tuple[int, ...]
) -> None:
    events = [fires(1, 60), fires(2, 80), resolves(2, 120), fires(3, 200), resolves(1, 210)]

    for place in order:
        report(events[place])

    assert openings(database) == [("a/1", 60, 120), ("a/3", 200, 210)]


def test_a_resolution_that_turns_out_to_be_earlier_ends_the_others_earlier(
    report: Report, database: Database
) -> None:
    report(fires(1, 60), fires(2, 100), resolves(2, 120, id="r"))

    report(resolves(2, 90, id="r"))

    assert openings(database) == [("a/1", 60, 90), ("a/2", 100, None)]
