"""Who may send to the Broker, as the chart renders it."""

from __future__ import annotations

import json

import pytest

from tests.chart.chart import Chart, Object, by_name, needs_helm

pytestmark = needs_helm
OURS = "dora-cloudevents"
SENDERS = ["ci/pipeline", "shop/*"]
WAYS = "https://github.com/acme/*=webhooks/github, /my/pipeline*=serviceaccount/ci/pipeline"
UNMARKED = {"cesql": "NOT (EXISTS recorded OR EXISTS catchup OR EXISTS wayin)"}
GITHUB = {"not": {"prefix": {"source": "https://github.com/acme/"}}}
PIPELINE = {"not": {"prefix": {"source": "/my/pipeline"}}}


def specs(chart: Chart, ways: str = WAYS, *arguments: str) -> dict[str, Object]:
    """Return what each policy says, by its name."""
    made = chart.render(
        "--set=eventPolicies.enabled=true",
        f"--set-json=eventPolicies.senders={json.dumps(SENDERS)}",
        f"--set-json=settings.SOURCE_WAYS={json.dumps(ways)}",
        *arguments,
    )
    policies = by_name(item for item in made if item["kind"] == "EventPolicy")
    return {name: item["spec"] for (_, _, name), item in policies.items()}


def test_without_the_value_there_are_none(chart: Chart) -> None:
    assert not [item for item in chart.render() if item["kind"] == "EventPolicy"]


def test_each_policy_is_about_the_broker(chart: Chart) -> None:
    ref = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "dora"}

    found = specs(chart)

    assert sorted(found) == [
        "dora-own",
        "dora-sender-ci-pipeline",
        "dora-sender-shop",
        "dora-workloads-default",
    ]
    assert all(spec["to"] == [{"ref": ref}] for spec in found.values())


def test_what_is_of_the_same_namespace_may_send_anything(chart: Chart) -> None:
    spec = specs(chart)["dora-own"]

    assert spec["from"] == [{"sub": f"system:serviceaccount:{OURS}:*"}]
    assert "filters" not in spec


def test_a_sender_marks_nothing_and_names_what_is_bound_to_nobody_else(chart: Chart) -> None:
    found = specs(chart)

    pipeline, shop = found["dora-sender-ci-pipeline"], found["dora-sender-shop"]
    assert pipeline["from"] == [{"sub": "system:serviceaccount:ci:pipeline"}]
    assert pipeline["filters"] == [UNMARKED, GITHUB]
    assert shop["from"] == [{"sub": "system:serviceaccount:shop:*"}]
    assert shop["filters"] == [UNMARKED, GITHUB, PIPELINE]


def test_a_source_of_workloads_reports_workloads(chart: Chart) -> None:
    spec = specs(chart)["dora-workloads-default"]

    [sender] = spec["from"]
    assert (sender["ref"]["kind"], sender["ref"]["namespace"]) == ("ApiServerSource", "default")
    resources = {"prefix": {"type": "dev.knative.apiserver.resource."}}
    assert spec["filters"] == [UNMARKED, resources, GITHUB, PIPELINE]


@pytest.mark.parametrize("source", ["*", "a*b", "*a*"])
def test_what_no_filter_can_say_is_refused(chart: Chart, source: str) -> None:
    sentence = "expected a source of settings.SOURCE_WAYS with one * at its begin or end"

    assert sentence in chart.refusal(
        "--set=eventPolicies.enabled=true", f"--set=settings.SOURCE_WAYS={source}=webhooks/github"
    )
