from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from local.functions import all_functions
from local.postgresql import schema_files
from scripts.copy_chart import REPOSITORY
from tests.chart.chart import LABELS, Chart, Object, by_name, needs_helm, objects

pytestmark = needs_helm
OURS = "dora-cloudevents"
PLAIN = ("broker", "triggers", "sources")
FUNCTIONS = {function.name: function for function in all_functions()}
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
    "--set=database.apply=true,database.createConfigMap=true,database.ca.secret=postgresql-ca",
    "--set=postgresql.enabled=true,networkPolicies.enabled=true,broker.class=Kafka",
    "--set=grafana.enabled=true,monitoring.enabled=true",
    "--set=functions.enabled=true,functions.registry=registry.example/dora",
    "--set=functions.each.metrics-endpoint.scale.min=2",
    '--set-json=networkPolicies.readers=[{"podSelector":{"matchLabels":{"app":"grafana"}}}]',
    "--set=sources.sinkBindings={webhooks,tekton}",
    "--set=prune.olderThan=400d,prune.image=registry.example/dora/deployment-frequency",
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
    made = by_name(chart.render("--set=triggers.without={jira-transformer},sources.catchUp=false"))

    left_out = by_name(objects(*PLAIN)).keys() - made.keys()
    assert {(kind, name) for kind, _, name in left_out} == {
        ("Trigger", "jira-transformer"),
        ("PingSource", "catch-up"),
    }


def test_sockeye_is_there_when_it_is_wanted_and_inside_the_cluster_only(chart: Chart) -> None:
    made = by_name(chart.render("--set=sockeye.enabled=true"))

    assert made == by_name(objects(*PLAIN, "broker/sockeye"))
    sockeye = made["Service", OURS, "sockeye"]
    # Knative Serving looks at the first, a NetworkPolicy at the second.
    for each in (sockeye, sockeye["spec"]["template"]):
        assert each["metadata"]["labels"] == {"networking.knative.dev/visibility": "cluster-local"}
    [container] = sockeye["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith("/sockeye:v0.7.0")


def test_a_metric_by_tick_gets_no_event_but_the_tick(chart: Chart) -> None:
    made = by_name(chart.render("--set=triggers.byTick={lead-time-for-changes}"))

    key = "Trigger", OURS, "lead-time-for-changes"
    plain = by_name(objects(*PLAIN))
    assert made.pop(key)["spec"] == plain.pop(key)["spec"] | {
        "filters": [{"any": [{"exact": {"type": "dev.dora.behind", "leadtimeforchanges": "true"}}]}]
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
    pod = job(made)["spec"]["template"]["spec"]
    [container] = pod["containers"]

    maps = [each["configMapRef"]["name"] for each in container["envFrom"]]
    maps += [each["configMap"]["name"] for each in pod["volumes"] if "configMap" in each]
    assert {("ConfigMap", OURS, name) for name in maps} <= made.keys()
    references = [entry["valueFrom"]["secretKeyRef"] for entry in container["env"][:6]]
    assert [(each["name"], each["key"]) for each in references] == [
        ("dora-postgresql-admin", "username"),
        ("dora-postgresql-admin", "password"),
        ("dora-postgresql", "writer-password"),
        ("dora-postgresql", "metrics-password"),
        ("dora-postgresql", "reader-password"),
        ("dora-postgresql", "dashboards-password"),
    ]


def job(made: dict[tuple[str, str, str], Object]) -> Object:
    """Return the one Job that there is."""
    [found] = [item for (kind, _, _), item in made.items() if kind == "Job"]
    return found


def test_the_job_is_another_one_when_it_has_something_else_to_do(chart: Chart) -> None:
    def name(*arguments: str) -> str:
        made = by_name(chart.render("--set=database.apply=true", *arguments))
        return str(job(made)["metadata"]["name"])

    assert name() == name("--set=sources.catchUp=false")
    again = ("--set=database.again=twice", "--set=database.image=docker.io/library/postgres:18")
    assert len({name(), *map(name, again)}) == 3
    with (chart.folder / "files" / "sql" / "schema" / "00_roles.sql").open("a") as file:
        before = name()
        file.write("-- something else\n")
        file.flush()
        assert name() != before


def test_nothing_but_the_database_has_to_be_there_for_the_job(chart: Chart) -> None:
    made = job(by_name(chart.render("--set=database.apply=true")))

    assert "annotations" not in made["metadata"]
    assert made["spec"]["ttlSecondsAfterFinished"] == 86400


def test_no_pod_of_the_chart_may_more_than_it_needs(chart: Chart) -> None:
    made = chart.render(*EVERYTHING, "--set=sockeye.enabled=true")
    pods = [
        item["spec"].get("jobTemplate", item)["spec"]["template"]["spec"]
        for item in made
        if item["kind"] in ("Job", "StatefulSet", "CronJob")
        or item["apiVersion"] == "serving.knative.dev/v1"
    ]

    # Kubernetes' Pod Security Standard "restricted".
    assert len(pods) == 4 + 1 + len(FUNCTIONS)
    for pod in pods:
        for container in pod["containers"]:
            context = pod.get("securityContext", {}) | container["securityContext"]
            assert context["runAsNonRoot"] is True
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
        for volume in pod.get("volumes", []):
            assert volume.keys() & {"configMap", "secret", "projected"}


def test_no_pod_has_a_token_that_it_does_not_need(chart: Chart) -> None:
    made = by_name(chart.render(*EVERYTHING))

    for kind in ("Job", "StatefulSet"):
        [item] = [item for (each, _, _), item in made.items() if each == kind]
        assert item["spec"]["template"]["spec"]["automountServiceAccountToken"] is False


def test_every_object_has_the_recommended_labels(chart: Chart) -> None:
    for item in chart.render(*EVERYTHING, *watching({"namespaces": ["shop"]}, {"all": True})):
        labels = item["metadata"]["labels"]
        assert LABELS.items() <= labels.items(), item


def test_the_same_chart_is_the_same_bytes(chart: Chart) -> None:
    first, second = (chart.helm("template", *EVERYTHING).stdout for _ in range(2))

    assert first
    assert first == second


@pytest.mark.parametrize("secret", ["dora-postgresql", "mine"])
def test_without_a_cluster_no_password_is_made_up(chart: Chart, secret: str) -> None:
    refused = chart.refusal(
        "--set=database.createSecrets=true", f"--set=database.existingSecret={secret}"
    )

    assert f"make the Secret {secret} and set database.createSecrets=false" in refused


def test_a_secret_of_another_name_is_the_jobs_and_the_functions(chart: Chart) -> None:
    text = chart.helm("template", *EVERYTHING, "--set=database.existingSecret=mine").stdout

    assert "secretKeyRef: {name: mine, key: writer-password}" in text
    assert "name: dora-postgresql, key" not in text


def test_the_brokers_name_is_a_value(chart: Chart) -> None:
    text = chart.helm("template", *EVERYTHING, "--set=broker.name=default").stdout
    made = by_name(chart.render(*EVERYTHING, "--set=broker.name=default"))

    assert ("Broker", OURS, "default") in made
    for (kind, _, _), item in made.items():
        if kind == "Trigger":
            assert item["spec"]["broker"] == "default"
    assert not re.search(r"kind: Broker\s+(metadata:\s+)?name: (?!default)", text)


def test_two_releases_have_no_object_in_common(chart: Chart) -> None:
    sources = watching({"namespaces": ["shop"]}, {"all": True})
    second = ("--set=namespace.name=second,sources.name=second,broker.name=second",)

    one, other = (by_name(chart.render(*EVERYTHING, *sources, *more)) for more in ((), second))

    assert len(one) == len(other)
    assert one.keys() & other.keys() == set()


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
        ("triggers.byTick={nothing}", "expected triggers.byTick to name some of change-failure-"),
        ("triggers.byTick={github-transformer}", 'recovery-time, lead-time-for-changes, got "gith'),
        ("triggers.without={githubs}", 'tekton-transformer, got "githubs"'),
        ("sources.sinkBindings={nothing}", "expected sources.sinkBindings to name some of azure-"),
        ("functions.enabled=true", "expected functions.registry to say where"),
        ("database.ca.configMap=a,database.ca.secret=b", "/database/ca"),
        *(
            (f"functions.enabled=true,functions.registry=r.example,{value}", sentence)
            for value, sentence in (
                ("functions.only={github}", "expected functions.only to name some of alertman"),
                ("functions.without={github}", "expected functions.without to name some of"),
                ("functions.each.github.scale.min=1", 'webhooks-endpoint, got "github"'),
                ("functions.each.metrics-endpoint.scale.mni=1", "'mni' not allowed"),
                ("functions.digests.metrics-endpoint=abc", "/functions/digests/metrics-endpoint"),
            )
        ),
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


@pytest.mark.parametrize("kafka", [True, False])
def test_what_helm_says_at_the_end_has_the_addresses(chart: Chart, *, kafka: bool) -> None:
    values = "namespace.name=x,broker.name=y" + (",broker.class=Kafka" if kafka else "")
    done = chart.helm("install", "--generate-name", "--dry-run=client", f"--set={values}")
    notes = done.stdout.partition("NOTES:\n")[2]

    ingress = f"{'kafka-' if kafka else ''}broker-ingress"
    assert f"  http://{ingress}.knative-eventing.svc.cluster.local/x/y\n" in notes
    assert "kubectl -n x get services.serving.knative.dev metrics-endpoint" in notes
    assert "`make deploy NAMESPACE=x` deploys them" in notes
