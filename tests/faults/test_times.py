"""Times beyond a calendar, kept before the gate refused them, stop no question."""

from __future__ import annotations

import pytest

from dora.cdevents import limits
from dora.questions.routes import ROUTES
from tests.conftest import Functions
from tests.events import carried
from tests.metrics.conftest import METRICS, TICK
from tests.metrics.happenings import Event, deployed, incident, merged

ONE = "source=%2Fpipeline&id=d1"
PATHS = [*ROUTES, "/overview", "/services", "/badge/deployment-frequency.svg"]
PATHS += [f"/deployment?{ONE}", "/incident?source=%2Fpagerduty&id=1"]
ZONES = ["Europe/Berlin", "America/Los_Angeles"]
FORMS = ["application/json", "text/html"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "time",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_event_of_the_first_day_of_all_or_the_last_stops_no_question(
    function: Functions, monkeypatch: pytest.MonkeyPatch, time: str
) -> None:
    monkeypatch.setattr(limits, "TIMES", ())
    commit: Event = {"sha": "c1", "committedAt": time}
    events = [merged("c1", 0, commit), deployed("d1", 1, commit="c1"), incident("detected", 2)]
    for event in events:
        event["context"]["timestamp"] = time
        assert function("cdevents-endpoint").post(carried(event)).status_code == 200
    for metric in METRICS:
        assert function(metric).post(TICK).status_code == 204

    asked = [
        (f"{path}{'&' if '?' in path else '?'}timezone={zone}", form)
        for path in PATHS
        for zone in ZONES
        for form in FORMS
    ]
    asked += [(path, "text/plain") for path in PATHS]
    wrong = [each for each in asked if function("metrics-endpoint").get(*each).status_code >= 500]

    assert wrong == []
