"""The Knative Services that the chart makes of the functions."""

from __future__ import annotations

import json

import pytest
import yaml

from dora import sink
from scripts.copy_chart import REPOSITORY
from tests.chart.chart import Chart, Object, by_name, needs_helm
from tests.chart.test_chart import FUNCTIONS, OURS
from tests.knative.serving import knative_service

pytestmark = needs_helm
ENABLED = "--set=functions.enabled=true,functions.registry=registry.example"


def services(chart: Chart, *arguments: str) -> dict[str, Object]:
    """Return the functions' Knative Services by their names."""
    made = by_name(chart.render(ENABLED, *arguments))
    return {name: item for (_, _, name), item in made.items() if "serving" in item["apiVersion"]}


def container(service: Object) -> Object:
    """Return the one container."""
    [found] = service["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_each_function_is_what_func_deploys(chart: Chart) -> None:
    made = services(chart, "--set=functions.tag=latest")

    assert made == {name: knative_service(function) for name, function in FUNCTIONS.items()}


def test_a_function_has_what_its_func_yaml_says_by_the_schema_of_func(chart: Chart) -> None:
    for path in sorted((chart.folder / "files" / "functions").glob("*/*/func.yaml")):
        own = REPOSITORY / path.relative_to(chart.folder / "files")
        assert yaml.safe_load(path.read_text()) == yaml.safe_load(own.read_text())


def test_an_image_is_of_a_tag_a_digest_or_its_own(chart: Chart) -> None:
    digest = f"sha256:{'0' * 64}"
    made = services(
        chart,
        "--set=functions.tag=v1",
        f"--set=functions.digests.metrics-endpoint={digest}",
        "--set=functions.each.github-transformer.image=elsewhere/it:2",
    )

    assert container(made["metrics-endpoint"])["image"] == (
        f"registry.example/metrics-endpoint@{digest}"
    )
    assert container(made["github-transformer"])["image"] == "elsewhere/it:2"
    assert container(made["gitlab-transformer"])["image"] == (
        "registry.example/gitlab-transformer:v1"
    )


def test_without_a_tag_it_is_the_charts_version(chart: Chart) -> None:
    version = yaml.safe_load((chart.folder / "Chart.yaml").read_text())["appVersion"]

    image = container(services(chart)["metrics-endpoint"])["image"]

    assert image == f"registry.example/metrics-endpoint:{version}"


def test_some_functions_can_be_chosen_or_left_out(chart: Chart) -> None:
    only = services(chart, "--set=functions.only={metrics-endpoint,jira-transformer}")
    without = services(chart, "--set=functions.without={jira-transformer}")

    assert only.keys() == {"metrics-endpoint", "jira-transformer"}
    assert without.keys() == FUNCTIONS.keys() - {"jira-transformer"}


def test_scale_resources_account_and_pull_secrets_are_values_of_all_or_one(chart: Chart) -> None:
    values = {
        "pullSecrets": ["registry"],
        "serviceAccount": "all",
        "scale": {"max": 9},
        "resources": {"limits": {"memory": "1Gi"}},
        "each": {"metrics-endpoint": {"serviceAccount": "one", "scale": {"min": 3}}},
    }
    made = services(
        chart, *(f"--set-json=functions.{k}={json.dumps(v)}" for k, v in values.items())
    )

    one, other = (
        made[name]["spec"]["template"] for name in ("metrics-endpoint", "cdevents-endpoint")
    )
    scale = "autoscaling.knative.dev"
    assert one["metadata"]["annotations"][f"{scale}/min-scale"] == "3"
    assert other["metadata"]["annotations"][f"{scale}/min-scale"] == "0"
    for template, account in ((one, "one"), (other, "all")):
        assert template["metadata"]["annotations"][f"{scale}/max-scale"] == "9"
        assert template["spec"]["serviceAccountName"] == account
        assert template["spec"]["imagePullSecrets"] == [{"name": "registry"}]
        [each] = template["spec"]["containers"]
        assert each["resources"] == {
            "limits": {"memory": "1Gi"},
            "requests": {"cpu": "50m", "memory": "64Mi"},
        }


@pytest.mark.parametrize("kind", ["configMap", "secret"])
def test_a_ca_of_ones_own_is_mounted_where_the_database_is_asked(chart: Chart, kind: str) -> None:
    ca = (f"--set=database.ca.{kind}=ca,database.ca.key=root.pem", "--set=database.apply=true")
    made = services(chart, *ca)
    [job] = [item for item in chart.render(*ca) if item["kind"] == "Job"]

    asks = [made["metrics-endpoint"]["spec"]["template"]["spec"], job["spec"]["template"]["spec"]]
    for pod in asks:
        [each] = pod["containers"]
        assert {"name": "PGSSLROOTCERT", "value": "/etc/postgresql-ca/root.pem"} in each["env"]
        [mount] = [each for each in each["volumeMounts"] if each["name"] == "postgresql-ca"]
        [volume] = [each for each in pod["volumes"] if each["name"] == "postgresql-ca"]
        assert mount["mountPath"] == "/etc/postgresql-ca"
        assert volume[kind] == {"secretName" if kind == "secret" else "name": "ca"}
    assert "postgresql-ca" not in str(made["jira-transformer"])


def test_what_always_has_several_pods_loses_one_at_a_time(chart: Chart) -> None:
    made = by_name(chart.render(ENABLED, "--set=functions.each.metrics-endpoint.scale.min=2"))

    [(key, budget)] = [each for each in made.items() if each[0][0] == "PodDisruptionBudget"]
    assert key == ("PodDisruptionBudget", OURS, "metrics-endpoint")
    assert budget["spec"]["maxUnavailable"] == 1
    assert budget["spec"]["selector"]["matchLabels"] == {
        "serving.knative.dev/service": "metrics-endpoint"
    }


def test_a_function_that_sends_by_itself_knows_the_broker_without_a_sink_binding(
    chart: Chart,
) -> None:
    sends = "--set=sources.sinkBindings={webhooks,tekton},functions.without={tekton-transformer}"
    made = by_name(chart.render(ENABLED, sends, "--set=namespace.name=x,broker.name=y"))
    kafka = by_name(chart.render(ENABLED, sends, "--set=broker.class=Kafka"))
    own = by_name(chart.render(ENABLED, sends, "--set=broker.url=http://broker.example"))

    assert [name for kind, _, name in made if kind == "SinkBinding"] == ["tekton-transformer"]
    for objects, namespace, url in (
        (made, "x", "http://broker-ingress.knative-eventing.svc.cluster.local/x/y"),
        (
            kafka,
            OURS,
            f"http://kafka-broker-ingress.knative-eventing.svc.cluster.local/{OURS}/dora",
        ),
        (own, OURS, "http://broker.example"),
    ):
        sinks = {
            name: entry["value"]
            for (_, _, name), item in objects.items()
            if item["apiVersion"] == "serving.knative.dev/v1" and name in FUNCTIONS
            for entry in container(item)["env"]
            if entry["name"] == "K_SINK"
        }
        assert sinks == {"webhooks-endpoint": url}
        assert ("Service", namespace, "webhooks-endpoint") in objects


def test_what_sends_by_itself_has_a_token_where_event_policies_ask_for_one(chart: Chart) -> None:
    sends = "--set=sources.sinkBindings={webhooks},namespace.name=x,broker.name=y"
    made = services(chart, sends, "--set=eventPolicies.enabled=true")

    sending = {name for name, item in made.items() if "oidc-token" in json.dumps(item)}
    assert sending == {"webhooks-endpoint"}
    spec = made["webhooks-endpoint"]["spec"]["template"]["spec"]
    [mount] = spec["containers"][0]["volumeMounts"]
    assert f"{mount['mountPath']}/token" == str(sink.TOKEN)
    [token] = spec["volumes"][0]["projected"]["sources"]
    # The audience that Knative gives a Broker.
    assert token["serviceAccountToken"]["audience"] == "eventing.knative.dev/broker/x/y"
    assert "oidc-token" not in json.dumps(services(chart, sends))
