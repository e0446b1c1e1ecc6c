from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from local.postgresql import schema_files
from scripts.copy_chart import REPOSITORY
from tests.chart.chart import Chart, Object, by_name, needs_helm, objects

pytestmark = needs_helm
OURS = "dora-cloudevents"
PLAIN = ("broker", "triggers", "sources")
SHOP = {
    "team": "a: b",
    "aliases": ["shop-api", {"name": "P1", "tool": "pagerduty", "environment": "blue"}],
    "repositories": ["https://x/y", {"url": "https://x/z", "paths": ["shop/"]}],
    "environments": ["blue"],
}
CATALOG = {
    "services": {"shop": SHOP, "cart": None},
    "environments": {"prod-us": "production"},
    "tiers": {"blue": "production"},
    "default_environment": "blue",
}
ENTITIES = {"catalog-info.yaml": "kind: Component\nmetadata: {name: mail}\n"}
EVERYTHING = (
    "--set=database.apply=true,database.createConfigMap=true,database.createSecrets=true",
    "--set=postgresql.enabled=true,networkPolicies.enabled=true,broker.class=Kafka",
    "--set=grafana.enabled=true,monitoring.enabled=true",
    '--set-json=networkPolicies.readers=[{"podSelector":{"matchLabels":{"app":"grafana"}}}]',
    "--set=sources.sinkBindings={webhooks,tekton}",
    "--set=eventPolicies.enabled=true,eventPolicies.senders={ci/pipeline}",
    "--set=sources.resync.image=registry.example/dora/deployment-frequency",
    f"--set-json=catalog={json.dumps(CATALOG)}",
    f"--set-json=catalogEntities={json.dumps(ENTITIES)}",
)


def test_the_chart_makes_what_kubectl_apply_makes(chart: Chart) -> None:
    assert by_name(chart.render()) == by_name(objects(*PLAIN))


def test_in_the_releases_own_namespace_helm_makes_the_namespace(chart: Chart) -> None:
    made = by_name(chart.render("--namespace", OURS))

    assert by_name(objects(*PLAIN)).keys() - made.keys() == {("Namespace", "", OURS)}


@pytest.mark.parametrize("arguments", [(), EVERYTHING], ids=["as it is", "everything"])
def test_helm_finds_nothing_to_complain_of(chart: Chart, arguments: tuple[str, ...]) -> None:
    done = chart.helm("lint", "--strict", *arguments)

    assert done.returncode == 0, done.stdout + done.stderr


def test_kafka_is_the_broker_of_its_folder(chart: Chart) -> None:
    made = by_name(chart.render("--set=broker.class=Kafka"))
    plain = by_name(objects("broker", "triggers", "sources"))

    assert made == plain | by_name(objects("broker/kafka"))


def test_both_brokers_deliver_alike() -> None:
    [plain] = [each for each in objects("broker") if each["kind"] == "Broker"]
    [kafka] = [each for each in objects("broker/kafka") if each["kind"] == "Broker"]

    assert kafka["spec"]["delivery"] == plain["spec"]["delivery"]


def test_kafkas_settings_are_values(chart: Chart) -> None:
    made = by_name(
        chart.render(
            "--set=broker.class=Kafka,broker.kafka.bootstrapServers=kafka:9092",
            "--set=broker.kafka.partitions=24",
        )
    )

    topic = made["ConfigMap", OURS, "kafka-broker-config"]["data"]
    assert topic["bootstrap.servers"] == "kafka:9092"
    assert topic["default.topic.partitions"] == "24"
    assert topic["default.topic.replication.factor"] == "3"


def test_another_namespace_is_all_objects_namespace(chart: Chart) -> None:
    names = "--set=namespace.name=elsewhere"
    text = chart.helm("template", names, *EVERYTHING).stdout
    made = by_name(chart.render(names, *EVERYTHING))

    assert OURS not in re.sub("#.*", "", text)
    assert {namespace for _, namespace, _ in made} == {"", "default", "elsewhere"}


def test_each_watched_namespace_has_a_source_and_its_rights(chart: Chart) -> None:
    made = chart.render(*watching({"namespaces": ["shop", OURS]}), "--set=namespace.name=x")

    kinds = {"ServiceAccount", "Role", "RoleBinding", "ApiServerSource"}
    for namespace in ("shop", OURS):
        there = [item for item in made if item["metadata"].get("namespace") == namespace]
        assert {item["kind"] for item in there} == kinds
        [source] = [item for item in there if item["kind"] == "ApiServerSource"]
        assert source["spec"]["sink"]["ref"]["namespace"] == "x"
    assert not [item for item in made if item["metadata"].get("namespace") == "default"]


def watching(*sources: Object) -> tuple[str]:
    """Return the value of sources of workloads."""
    return (f"--set-json=sources.kubernetes={json.dumps(sources)}",)


@pytest.mark.parametrize(
    ("whole", "selector"),
    [({"all": True}, {}), ({"selector": {"matchLabels": {"a": "b"}}}, {"matchLabels": {"a": "b"}})],
)
def test_a_source_of_many_namespaces_says_its_environment_and_cluster(
    chart: Chart, whole: Object, selector: Object
) -> None:
    said = {"environment": "production", "cluster": "eu-1", "kinds": ["StatefulSet", "Rollout"]}
    made = by_name(chart.render(*watching({"namespaces": ["shop"]}, whole | said)))

    spec = made["ApiServerSource", OURS, "dora-workloads-1"]["spec"]
    assert spec["namespaceSelector"] == selector
    assert spec["ceOverrides"]["extensions"] == {
        "doraenvironment": "production",
        "doracluster": "eu-1",
    }
    assert spec["resources"] == [
        {"apiVersion": "apps/v1", "kind": "StatefulSet"},
        {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"},
    ]
    role = made["ClusterRole", "", "dora-workloads-1"]
    assert [rule["resources"] for rule in role["rules"]] == [["statefulsets"], ["rollouts"]]
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}
    [account] = made["ClusterRoleBinding", "", "dora-workloads-1"]["subjects"]
    assert (account["name"], account["namespace"]) == (spec["serviceAccountName"], OURS)


RESYNC = "--set=sources.resync.image=deployment-frequency"


def test_what_a_source_missed_is_sent_by_the_cron_job_of_the_folder(chart: Chart) -> None:
    plain = [item for item in objects("sources/kubernetes") if item["kind"] != "Deployment"]

    assert by_name(chart.render(RESYNC)) == by_name(objects(*PLAIN)) | by_name(plain)


def test_of_a_source_of_many_namespaces_it_may_look_at_the_same(chart: Chart) -> None:
    made = by_name(chart.render(*watching({"all": True}), RESYNC))

    pod = made["CronJob", OURS, "dora-resync-0"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    bound = made["ClusterRoleBinding", "", "dora-resync-0-workloads"]
    assert pod["containers"][0]["args"] == ["dora-workloads-0", "--cron-job", "dora-resync-0"]
    assert (bound["roleRef"]["kind"], bound["roleRef"]["name"]) == (
        "ClusterRole",
        "dora-workloads-0",
    )
    [account] = bound["subjects"]
    assert (account["name"], account["namespace"]) == (pod["serviceAccountName"], OURS)
    own = made["Role", OURS, "dora-resync-0"]["rules"]
    assert [rule["resourceNames"] for rule in own] == [["dora-workloads-0"], ["dora-resync-0"]]


@pytest.mark.parametrize("wrong", [{}, {"namespaces": ["shop"], "all": True}, {"kinds": ["Pod"]}])
def test_a_source_of_neither_or_both_is_refused(chart: Chart, wrong: Object) -> None:
    assert "/sources/kubernetes/0" in chart.refusal(*watching(wrong))


def test_what_is_not_wanted_is_left_out(chart: Chart) -> None:
    made = by_name(
        chart.render(
            "--set=sockeye.enabled=false,triggers.without={jira-transformer},sources.catchUp=false"
        )
    )

    left_out = by_name(objects(*PLAIN)).keys() - made.keys()
    assert {(kind, name) for kind, _, name in left_out} == {
        ("Service", "sockeye"),
        ("Trigger", "sockeye"),
        ("Trigger", "jira-transformer"),
        ("PingSource", "catch-up"),
    }


def test_a_metric_by_tick_gets_no_event_but_the_tick(chart: Chart) -> None:
    made = by_name(chart.render("--set=triggers.byTick={lead-time-for-changes}"))

    key = "Trigger", OURS, "lead-time-for-changes"
    plain = by_name(objects(*PLAIN))
    assert made.pop(key)["spec"] == plain.pop(key)["spec"] | {
        "filters": [{"exact": {"catchup": "true"}}]
    }
    assert made == plain


@pytest.mark.parametrize(
    "folder", [file.parent.name for file in REPOSITORY.glob("sources/*/sink-binding.yaml")]
)
def test_a_sources_sink_binding_is_the_folders(chart: Chart, folder: str) -> None:
    made = by_name(chart.render(f"--set=sources.sinkBindings={{{folder}}}"))

    [binding] = [item for (kind, _, _), item in made.items() if kind == "SinkBinding"]
    assert binding in objects(f"sources/{folder}")


def test_the_init_sql_is_the_schema_in_its_order(chart: Chart) -> None:
    made = by_name(chart.render("--set=database.apply=true"))

    data = made["ConfigMap", OURS, "dora-init-sql"]["data"]
    assert [data[name] for name in sorted(data)] == [file.read_text() for file in schema_files()]


def test_the_job_finds_all_that_it_names(chart: Chart) -> None:
    made = by_name(chart.render(*EVERYTHING))
    pod = made["Job", OURS, "dora-init"]["spec"]["template"]["spec"]
    [container] = pod["containers"]

    maps = [each["configMapRef"]["name"] for each in container["envFrom"]]
    maps += [each["configMap"]["name"] for each in pod["volumes"]]
    assert {("ConfigMap", OURS, name) for name in maps} <= made.keys()
    for entry in container["env"]:
        reference = entry["valueFrom"]["secretKeyRef"]
        assert reference["key"] in made["Secret", OURS, reference["name"]]["data"]


def test_no_pod_of_the_chart_may_more_than_it_needs(chart: Chart) -> None:
    pods = [
        item["spec"].get("jobTemplate", item)["spec"]["template"]["spec"]
        for item in chart.render(*EVERYTHING)
        if item["kind"] in ("Job", "StatefulSet", "CronJob")
    ]

    assert len(pods) == 3
    for pod in pods:
        assert pod.get("automountServiceAccountToken") is (
            None if pod.get("serviceAccountName") == "dora-resync" else False
        )
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_functions_that_are_not_public_are_reached_from_the_broker_alone(chart: Chart) -> None:
    made = by_name(chart.render(*EVERYTHING))

    policy = made["NetworkPolicy", OURS, "cluster-local-functions"]["spec"]
    [[selector]] = [rule["from"] for rule in policy["ingress"]]
    [expression] = selector["namespaceSelector"]["matchExpressions"]
    assert expression["values"] == ["knative-eventing", "knative-serving", "kourier-system"]
    assert policy["podSelector"]["matchLabels"] == {
        "networking.knative.dev/visibility": "cluster-local"
    }


def test_the_dashboard_is_a_file_of_a_config_map_that_grafanas_sidecar_finds(chart: Chart) -> None:
    made = by_name(chart.render("--set=grafana.enabled=true"))

    dashboards = made["ConfigMap", OURS, "dora-dashboards"]
    assert dashboards["metadata"]["labels"] == {"grafana_dashboard": "1"}
    assert dashboards["data"] == {
        file.name: file.read_text() for file in REPOSITORY.glob("dashboards/*.json")
    }


def test_with_prometheus_operator_its_objects_are_those_of_their_folder(chart: Chart) -> None:
    made = by_name(chart.render("--set=monitoring.enabled=true"))

    assert made == by_name(chart.render()) | by_name(objects("monitoring"))


def test_grafana_reaches_the_charts_postgresql_where_the_values_say_so(chart: Chart) -> None:
    made = by_name(chart.render(*EVERYTHING))

    [rule] = made["NetworkPolicy", OURS, "postgresql"]["spec"]["ingress"]
    assert {"podSelector": {"matchLabels": {"app": "grafana"}}} in rule["from"]


def test_the_catalog_is_a_file_of_its_config_map(chart: Chart) -> None:
    made = by_name(chart.render(*EVERYTHING))

    files = made["ConfigMap", OURS, "dora-catalog"]["data"]
    assert yaml.safe_load(files.pop("catalog.yaml")) == CATALOG
    assert files == ENTITIES


def test_settings_of_transformers_are_values(chart: Chart) -> None:
    said = {"IGNORED_SEVERITIES": "none, info", "INCIDENT_LABELS": "outage"}
    made = by_name(chart.render(f"--set-json=settings={json.dumps(said)}"))

    assert made["ConfigMap", OURS, "dora-settings"]["data"] == said


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("settings.services=x", "additional properties 'services' not allowed"),
        ("database.aply=true", "additional properties 'aply' not allowed"),
        ("broker.class=kafka", "/broker/class"),
        ("sources.kubernetes[0].namespaces={Shop}", "/sources/kubernetes/0/namespaces/0"),
        ("sources.resync.schedule=5", "/sources/resync/schedule"),
        ("triggers.byTick={nothing}", "no files/triggers/nothing.yaml"),
        ("sources.sinkBindings={nothing}", "no files/sources/nothing/sink-binding.yaml"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_wrong(
    chart: Chart, value: str, sentence: str
) -> None:
    assert sentence in chart.refusal(f"--set={value}")


def test_an_incomplete_chart_says_what_completes_it(chart: Chart, tmp_path: Path) -> None:
    shutil.copytree(chart.folder, tmp_path / "dora", ignore=shutil.ignore_patterns("files"))

    assert "`make chart`" in Chart(tmp_path / "dora").refusal()


def test_every_value_is_documented(chart: Chart) -> None:
    lines = (chart.folder / "values.yaml").read_text().splitlines()
    undocumented = [
        line
        for before, line in pairwise(lines)
        if re.match(r" +\w+: *\S", line) and not before.lstrip().startswith("#")
    ]

    # Those of libpq, of Kubernetes and of Grafana have names that are documented elsewhere.
    assert {line.split(":")[0].strip() for line in undocumented} <= {
        "PGHOST",
        "PGPORT",
        "PGDATABASE",
        "app.kubernetes.io/name",
        "grafana_dashboard",
    }
