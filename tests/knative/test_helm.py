"""What the chart can have besides is taken by the API server and Knative's webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.functions import all_functions
from tests.chart.test_chart import EVERYTHING
from tests.docs.blocks import Block
from tests.knative.kubernetes import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.knative.page import Page
    from tests.knative.stage import Stage

# Beside the project of the other tests. What Prometheus' operator takes is left out: it is not
# here; and so are EventPolicies, which Knative takes only where it asks who sends.
NAMESPACE = "everything"
INSTALL = f"""\
make chart
kubectl create namespace {NAMESPACE}
helm template dora charts/dora --dry-run=server --set database.createSecrets=true --namespace {NAMESPACE} --set namespace.name={NAMESPACE} \\
    --set-json 'sources.kubernetes=[{{"namespaces": ["{NAMESPACE}"], "cluster": "eu-1"}}]' {" ".join(f"'{each}'" for each in EVERYTHING)} \\
    --set monitoring.enabled=false,eventPolicies.enabled=false |
    kubectl apply --server-side -o name -f -
"""
# As the chart's README says, with the functions.
SECOND = """\
helm upgrade --install second charts/dora --namespace second --create-namespace \\
    --set namespace.name=second,sources.name=second --values charts/dora/try.yaml \\
    --set functions.enabled=true,functions.registry=registry.example,sockeye.enabled=true
"""
# Nobody makes volumes here.
VOLUME = {
    "apiVersion": "v1",
    "kind": "PersistentVolume",
    "metadata": {"name": "second"},
    "spec": {
        "capacity": {"storage": "8Gi"},
        "accessModes": ["ReadWriteOnce"],
        "hostPath": {"path": "/nowhere"},
        "claimRef": {"namespace": "second", "name": "data-postgresql-0"},
    },
}


# Where the API server takes restricted pods alone; those of Knative Services it sees there, too.
RESTRICTED = "restricted"
MAKES_PODS = {
    "/apis/batch/v1": ("jobs", "cronjobs"),
    "/apis/apps/v1": ("statefulsets",),
    SERVICES: ("services",),
}


def test_all_that_the_chart_can_make_is_taken_by_the_webhooks(page: Page) -> None:
    taken = page.run(Block("cluster", INSTALL)).splitlines()

    kinds = {line.partition(".")[0].partition("/")[0] for line in taken if "/" in line}
    assert {"broker", "trigger", "apiserversource", "pingsource"} <= kinds
    assert {"configmap", "job", "networkpolicy", "secret", "service", "statefulset"} <= kinds
    assert "poddisruptionbudget" in kinds
    found = page.cluster.kubernetes.items(f"{SERVICES}/namespaces/{NAMESPACE}/services")
    assert {item["metadata"]["name"] for item in found} >= {each.name for each in all_functions()}


def test_each_pod_is_taken_by_a_namespace_of_restricted_ones(stage: Stage) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": RESTRICTED, "labels": labels}
    stage.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    specs = pods(stage, NAMESPACE)

    assert len(specs) == 4 + len(all_functions())
    for name, spec in specs.items():
        assert create_pod(stage, spec) == "", name
    loose = {"containers": [{"name": "it", "image": "registry.example/it"}]}
    assert 'violates PodSecurity "restricted' in create_pod(stage, loose)


def pods(stage: Stage, namespace: str) -> dict[str, dict[str, Any]]:
    """Return what the pods are of each object in a namespace that makes some."""
    return {
        f"{kind}/{item['metadata']['name']}": item["spec"].get("jobTemplate", item)["spec"][
            "template"
        ]["spec"]
        for group, kinds in MAKES_PODS.items()
        for kind in kinds
        for item in stage.cluster.kubernetes.items(f"{group}/namespaces/{namespace}/{kind}")
    }


def create_pod(stage: Stage, spec: dict[str, Any]) -> str:
    """Have a pod looked at, and not made; return why it is refused, or nothing."""
    # Knative Serving gives its container a name; accounts and a StatefulSet's volumes are elsewhere.
    containers = [
        {"name": "user-container", **each, "volumeMounts": []} for each in spec["containers"]
    ]
    said = {key: spec[key] for key in spec.keys() & {"securityContext", "volumes"}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "it"},
        "spec": {**said, "containers": containers},
    }
    path = f"/api/v1/namespaces/{RESTRICTED}/pods?dryRun=All"
    response = stage.cluster.kubernetes.request("POST", path, json=pod)
    return "" if response.status_code == requests.codes.created else response.json()["message"]


@pytest.fixture
def second(page: Page, request: pytest.FixtureRequest) -> Iterator[str]:
    """Install the second release with this or that Helm, whose command it is; take it away again."""
    helm = getattr(request, "param", "helm")
    installed = SECOND.replace("helm", helm, 1)
    page.run(Block("cluster", installed))
    yield installed
    page.run(Block("cluster", f"{helm} uninstall second --namespace second"))


@pytest.mark.usefixtures("second")
def test_a_release_with_functions_stands_beside_another_and_keeps_its_passwords(
    stage: Stage, page: Page
) -> None:
    before = passwords(page)
    page.run(Block("cluster", "helm uninstall second --namespace second"))
    left = passwords(page)
    page.run(Block("cluster", SECOND))

    assert before == left == passwords(page)
    sources = stage.cluster.kubernetes.items(
        "/apis/sources.knative.dev/v1/namespaces/default/apiserversources"
    )
    assert {each["metadata"]["name"] for each in sources} == {"dora-workloads", "second-workloads"}


@pytest.mark.parametrize("second", ["helm", "helm3"], indirect=True)
def test_with_functions_an_upgrade_that_waits_comes_to_an_end(
    stage: Stage, page: Page, second: str
) -> None:
    stage.apply(VOLUME)
    make_functions_ready(stage)

    page.run(Block("cluster", f"{second.strip()} --set database.again=x --wait --timeout 240s"))

    def is_done() -> bool:
        jobs = stage.cluster.kubernetes.items("/apis/batch/v1/namespaces/second/jobs")
        return [each["status"].get("succeeded") for each in jobs] == [1]

    stage.wait("the Job, for which Helm 3 does not wait, comes to its end", is_done)


@pytest.mark.usefixtures("second")
def test_a_knative_that_knows_no_filters_is_refused(stage: Stage, page: Page) -> None:
    controller = (
        "-n",
        "knative-eventing",
        "label",
        "--overwrite",
        "deployment/eventing-controller",
    )
    label = "app.kubernetes.io/version="
    stage.kubectl(*controller, f"{label}1.11.3")
    try:
        refused = page.run(Block("cluster", f"! ( {SECOND.strip()} ) 2>&1"))
    finally:
        stage.kubectl(*controller, f"{label}devel")

    assert "expected Knative Eventing 1.12 or later, got 1.11.3" in refused


@pytest.mark.usefixtures("stage")
def test_event_policies_that_knative_would_refuse_are_refused_with_a_sentence(
    page: Page, second: str
) -> None:
    policies = f"{second.strip()} --set eventPolicies.enabled=true"

    refused = page.run(Block("cluster", f"! ( {policies} ) 2>&1"))

    assert "expected the feature authentication-oidc of Knative Eventing to be enabled" in refused


def make_functions_ready(stage: Stage) -> None:
    """Say of the second release's functions that they are ready, as Knative Serving would."""
    for name in ["sockeye", *(function.name for function in all_functions())]:
        address = f"http://{name}.second.svc.cluster.local"
        stage.cluster.serving.set_address(name, address, "second")


def passwords(page: Page) -> dict[str, dict[str, str]]:
    """Return what the second release's Secrets say."""
    found = page.cluster.kubernetes.items("/api/v1/namespaces/second/secrets")
    named = {item["metadata"]["name"]: item["data"] for item in found}
    return {name: named[name] for name in ("dora-postgresql", "dora-postgresql-admin")}
