"""What transformers do with settings and the sink, beside the golden files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.argocd import notification, settings
from tests.conftest import Functions
from tests.sink import Sink, sink

__all__ = ["sink"]
FOLDER = Path(__file__).parent


def example(name: str, file: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((FOLDER / name / "inputs" / f"{file}.json").read_text())
    return event


def told(function: Functions, name: str, file: str) -> Any:
    answer = function(name).post(example(name, file))
    return json.loads(answer.data)["data"]["subject"] if answer.status_code == 200 else None


def test_several_cdevents_are_posted_to_the_sink_in_their_order(
    function: Functions, sink: Sink
) -> None:
    answer = function("harbor-transformer").post(example("harbor-transformer", "05-two-pushed"))

    assert (answer.status_code, answer.data) == (204, b"")
    assert ["shop@" in json.loads(body)["subject"] for body in sink.bodies] == [True, False]


@pytest.mark.parametrize("status", [404, 429, 503])
def test_what_the_broker_does_not_take_is_worth_another_try(
    function: Functions, sink: Sink, status: int
) -> None:
    sink.status = status

    answer = function("harbor-transformer").post(example("harbor-transformer", "05-two-pushed"))

    assert answer.status_code == 503


def test_without_a_sink_several_cdevents_wait(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("K_SINK", raising=False)

    answer = function("harbor-transformer").post(example("harbor-transformer", "05-two-pushed"))

    assert answer.status_code == 503
    assert "K_SINK" in answer.text


def test_an_alerts_labels_are_a_setting(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_LABELS", "pod")
    monkeypatch.setenv("ENVIRONMENT_LABELS", "alertname")

    subject = told(function, "alertmanager-transformer", "01-firing")

    assert subject["content"]["service"] == {"id": "shop-7bc5"}
    assert subject["content"]["environment"] == {"id": "ErrorRateHigh"}


def test_which_severities_are_no_incident_is_a_setting(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IGNORED_SEVERITIES", "critical")

    assert told(function, "alertmanager-transformer", "01-firing") is None
    assert told(function, "alertmanager-transformer", "09-information")


def test_which_priorities_are_no_incident_is_a_setting(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IGNORED_PRIORITIES", "P1, P2")

    assert told(function, "opsgenie-transformer", "01-created") is None
    assert told(function, "opsgenie-transformer", "11-informational")


def test_which_custom_fields_say_where_is_a_setting(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_FIELDS", "Team, Environment")
    monkeypatch.setenv("ENVIRONMENT_FIELDS", "Affected services")

    content = told(function, "incident-io-transformer", "01-created")["content"]

    assert content["service"] == {"id": "production"}
    assert content["environment"] == {"id": "shop"}


def test_the_alerts_of_a_group_are_one_incident_by_a_setting(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUP_ALERTS", "true")
    firing, resolved = (
        example("alertmanager-transformer", name) for name in ("01-firing", "03-resolved")
    )
    for event in (firing, resolved):
        event["data"] |= {"groupKey": "{}:{team='shop'}", "groupStatus": "firing"}

    [begun] = emitted(function, "alertmanager-transformer", firing)
    assert emitted(function, "alertmanager-transformer", resolved) == []
    resolved["data"]["groupStatus"] = "resolved"
    [ended] = emitted(function, "alertmanager-transformer", resolved)

    alerts = [one["customData"]["dora"]["alert"] for one in (begun, ended)]
    assert alerts == ["{}:{team='shop'}"] * 2


def emitted(function: Functions, name: str, event: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the CDEvents that a transformer answers to an event."""
    answer = function(name).post(event)
    return [json.loads(answer.data)["data"]] if answer.status_code == 200 else []


def test_which_issue_types_are_incidents_is_a_setting(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INCIDENT_TYPES", "Story, Outage")

    assert "environment" in told(function, "jira-transformer", "06-story-created")["content"]
    assert "summary" in told(function, "jira-transformer", "01-incident-created")["content"]


def test_a_run_is_found_in_tektons_dashboard(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEKTON_DASHBOARD_URL", "https://tekton.example.com/")

    content = told(function, "tekton-transformer", "01-pipeline-started")["content"]

    root = "https://tekton.example.com/#/namespaces/ci/pipelineruns"
    assert content["uri"] == f"{root}/shop-build-x7k2p"


def test_an_incident_keeps_its_subject_from_beginning_to_end(function: Functions) -> None:
    stories = {
        "argocd-transformer": ["09-degraded", "10-healthy-again"],
        "pagerduty-transformer": ["01-triggered", "05-resolved", "06-reopened"],
        "datadog-transformer": ["01-triggered", "03-recovered"],
        "sentry-transformer": ["01-metric-alert-critical", "03-metric-alert-resolved"],
        "servicenow-transformer": ["01-opened", "04-resolved", "06-reopened"],
        "opsgenie-transformer": ["01-created", "03-closed", "05-closed-and-deleted"],
        "incident-io-transformer": ["01-created", "04-resolved", "06-reopened"],
        "alertmanager-transformer": ["01-firing", "02-still-firing", "03-resolved"],
        "jira-transformer": ["01-incident-created", "03-incident-resolved"],
    }
    for name, files in stories.items():
        assert len({told(function, name, file)["id"] for file in files}) == 1


@pytest.mark.parametrize(
    ("what", "file"),
    [
        ("deployed", "01-synced-and-healthy"),
        ("degraded", "09-degraded"),
        ("recovered", "10-healthy-again"),
    ],
)
def test_argo_cds_templates_make_the_events_that_the_transformer_takes(
    function: Functions, what: str, file: str
) -> None:
    recorded = example("argocd-transformer", file)

    event = notification(what, recorded["data"]["app"])

    assert event["data"] == recorded["data"]
    assert event["type"] == recorded["type"]
    assert function("argocd-transformer").post(event).status_code == 200


def test_argo_cds_triggers_are_subscribed_to_and_send_what_there_is() -> None:
    told = settings()
    [subscription] = yaml.safe_load(told["subscriptions"])

    for trigger in subscription["triggers"]:
        conditions = yaml.safe_load(told[f"trigger.{trigger}"])
        sent = [name for condition in conditions for name in condition["send"]]
        assert all(f"template.{name}" in told for name in sent)
    # What the transformer finds the end of a degradation by.
    [degraded] = yaml.safe_load(told["trigger.on-dora-degraded"])
    assert degraded["oncePer"] == "app.status.health.lastTransitionTime"


@pytest.mark.parametrize(
    ("name", "what", "part"),
    [
        ("tekton-transformer", "09-pipeline-deployed", "pipelineRun"),
        ("argocd-transformer", "01-synced-and-healthy", "app"),
    ],
)
def test_what_says_that_it_is_to_be_ignored_becomes_nothing(
    function: Functions, name: str, what: str, part: str
) -> None:
    event = example(name, what)
    event["data"][part]["metadata"]["annotations"] = {"dora.dev/ignore": "true"}

    assert function(name).post(event).status_code == 204
