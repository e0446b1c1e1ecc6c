"""GET /metrics as Prometheus scrapes it: the API's numbers, and the state of what they are made of."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from dora.questions import prometheus
from dora.questions.metrics import METRICS
from dora.questions.prometheus import SERIES
from tests.conftest import Functions
from tests.events import cloudevent
from tests.metrics.conftest import Report
from tests.metrics.happenings import Event, deployed, incident, merged, with_time

# What Prometheus 3 sends.
ACCEPT = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMTOOL = shutil.which("promtool")
Series = dict[tuple[str, ...], float]


def recently(event: Event, hours: float) -> Event:
    """Return an event that happened so many hours ago."""
    return with_time((datetime.now(UTC) - timedelta(hours=hours)).isoformat(), event)


@pytest.fixture
def scraped(report: Report, function: Functions) -> Functions:
    """Two services, one of them in two environments, of which one failed."""
    hostile = 'evil"\\}'
    report(
        recently(merged("c1", 0), 30),
        recently(deployed("1", 0, commit="c1"), 20),
        recently(deployed("2", 0, commit="nobody-knows"), 10),
        recently(incident("detected", 0), 9),
        recently(incident("resolved", 0), 8),
        recently(deployed("3", 0, environment="prod-eu"), 7),
        recently(deployed("4", 0, environment="staging"), 7),
        recently(deployed("5", 0, service=hostile), 5),
    )
    letter = cloudevent(source="/cart", knativeerrorcode="422", knativeerrordata="bm8=")
    assert function("dead-letters-endpoint").post(letter).status_code == 204
    assert function("cloudevents-endpoint").post(cloudevent(source="/cart")).status_code == 204
    return function


def scrape(function: Functions, accept: str = ACCEPT) -> dict[str, Series]:
    """Return each series by the values of its labels: service and environment, source and outcome."""
    answer = function("metrics-endpoint").get("/metrics", accept=accept)
    assert answer.status_code == 200, answer.text
    read: Any = read_openmetrics if "openmetrics" in answer.content_type else read_text
    found: dict[str, Series] = {}
    for family in read(answer.text):
        for sample in family.samples:
            values = [sample.labels[name] for name in sorted(sample.labels, reverse=True)]
            found.setdefault(sample.name, {})[tuple(values)] = sample.value
    return found


def test_each_metric_is_the_apis_by_service_and_environment(scraped: Functions) -> None:
    found = scrape(scraped)

    for metric in METRICS:
        for service, environment in (("shop", "production"), ("shop", "prod-eu")):
            asked = {"service": service, "environment": environment, "tier": "production"}
            answer = scraped("metrics-endpoint").get(f"/metrics/{metric}", bucket="all", **asked)
            value = answer.json["groups"][0]["value"] if answer.json else None
            shown = found[SERIES[metric]].get((service, environment))
            assert shown == (value if value is None else pytest.approx(value, rel=1e-3)), metric
    assert len(found[SERIES["deployment-frequency"]]) == 3


def test_what_is_unknown_is_absent(scraped: Functions) -> None:
    lead_times = scrape(scraped)[SERIES["lead-time-for-changes"]]

    assert lead_times == {("shop", "production"): pytest.approx(10 * 3600, abs=60)}


def test_what_is_no_production_is_not_there(scraped: Functions) -> None:
    places = scrape(scraped)[SERIES["deployment-frequency"]]

    assert {environment for _, environment in places} == {"production", "prod-eu"}


def test_names_are_escaped(scraped: Functions) -> None:
    assert ('evil"\\}', "production") in scrape(scraped)[SERIES["deployment-frequency"]]


def test_sources_have_their_events_by_outcome_and_the_age_of_the_last(scraped: Functions) -> None:
    found = scrape(scraped)

    assert found["dora_events_total"]["/cart", "kept"] == 1
    assert found["dora_events_total"]["/cart", "refused"] == 1
    assert found["dora_events_total"]["/cart", "unknown"] == 0
    assert found["dora_events_total"]["/tests", "cdevent"] == 8
    assert 0 < found["dora_last_event_age_seconds"]["/tests",] < 300
    assert found["dora_dead_letters_open"] == {(): 1}


def test_each_metric_says_how_far_it_is_behind(scraped: Functions) -> None:
    found = scrape(scraped)

    assert found["dora_metric_lag_seconds"] == {(metric,): 0 for metric in METRICS}
    assert found["dora_metric_waiting_deployments"] == {(metric,): 0 for metric in METRICS}


def test_places_and_sources_are_bounded(
    scraped: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prometheus, "MOST_PLACES", 1)
    monkeypatch.setattr(prometheus, "MOST_SOURCES", 1)

    found = scrape(scraped)

    assert list(found[SERIES["deployment-frequency"]]) == [("shop", "production")]
    assert found["dora_places_left_out"] == {(): 2}
    assert list(found["dora_last_event_age_seconds"]) == [("/cart",)]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (ACCEPT, "application/openmetrics-text; version=1.0.0"),
        ("text/plain;version=0.0.4", "text/plain; version=0.0.4"),
        ("*/*", "application/json"),
        ("application/json, text/plain;q=0.5", "application/json"),
        ("text/csv", "text/csv"),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ],
)
def test_the_form_is_the_one_that_is_wanted_most(
    scraped: Functions, accept: str, content_type: str
) -> None:
    answer = scraped("metrics-endpoint").get("/metrics", accept=accept)

    assert answer.status_code == 200
    assert answer.content_type.startswith(content_type)


@pytest.mark.skipif(not PROMTOOL, reason="there is no promtool")
def test_promtool_finds_nothing_to_complain_of(scraped: Functions) -> None:
    answer = scraped("metrics-endpoint").get("/metrics", accept="text/plain")

    done = subprocess.run(
        [str(PROMTOOL), "check", "metrics"], input=answer.data, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
