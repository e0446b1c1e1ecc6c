from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from local.functions import REPOSITORY, all_functions
from tests.events import cdevent
from tests.knative.cluster import WEBHOOK_SECRETS
from tests.knative.kubelet import container
from tests.knative.kubernetes import SERVICES
from tests.knative.serving import url
from tests.knative.stage import INGRESS

if TYPE_CHECKING:
    from tests.knative.stage import Stage

ACCOUNT = "dora-deployments"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
VISIBILITY = "networking.knative.dev/visibility"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", DEPLOYMENTS, 200),
        ("GET", "/api/v1/namespaces/default/secrets", 403),
        ("GET", "/api/v1/secrets", 403),
        ("GET", "/api/v1/namespaces/dora-cloudevents/secrets/dora-postgresql", 403),
        ("GET", "/api/v1/namespaces/default/configmaps", 403),
        ("GET", "/apis/apps/v1/namespaces/dora-cloudevents/deployments", 403),
        ("DELETE", f"{DEPLOYMENTS}/nginx-deployment", 403),
        ("POST", DEPLOYMENTS, 403),
    ],
)
def test_the_sources_account_may_read_deployments_and_nothing_else(
    stage: Stage, method: str, path: str, status: int
) -> None:
    token = stage.cluster.kubernetes.token("default", ACCOUNT)

    answer = stage.cluster.kubernetes.request(method, path, token, json={})

    assert answer.status_code == status


def test_kubectl_says_so_too(stage: Stage) -> None:
    rules = stage.kubectl(
        *("auth", "can-i", "--list", "-n", "default"),
        *("--as", f"system:serviceaccount:default:{ACCOUNT}", "--no-headers"),
    )

    named = [line.split()[0] for line in rules.splitlines() if "selfsubject" not in line]
    assert [name for name in named if not name.startswith("[")] == ["deployments.apps"]


def test_the_functions_that_people_call_are_the_only_public_ones(stage: Stage) -> None:
    services = stage.cluster.kubernetes.items(
        "/apis/serving.knative.dev/v1/namespaces/dora-cloudevents/services"
    )
    functions = set(stage.cluster.serving.programs)
    public = {
        service["metadata"]["name"]
        for service in services
        if service["metadata"].get("labels", {}).get(VISIBILITY) != "cluster-local"
    }

    there = {file.parent.name for file in REPOSITORY.glob("functions/endpoints/*/func.yaml")}
    wanted = {f"{name}-endpoint" for name in there & {"metrics", "webhooks"}}
    assert public & functions == wanted


def test_a_sink_binding_tells_the_webhooks_endpoint_where_the_broker_is(stage: Stage) -> None:
    stage.kubectl("apply", "-f", str(REPOSITORY / "sources" / "webhooks"))
    stage.wait("K_SINK", lambda: sink_of(stage, "webhooks-endpoint") == INGRESS)
    # Serving would start a new revision now.
    stage.cluster.serving.programs["webhooks-endpoint"].stop()
    stage.cluster.serving.deploy(
        function for function in all_functions() if function.name == "webhooks-endpoint"
    )

    answer = requests.post(
        f"{url(stage.cluster.serving.programs['webhooks-endpoint'])}/generic",
        json=cdevent(subject="told-by-hand"),
        headers={"Authorization": f"Bearer {WEBHOOK_SECRETS['WEBHOOK_GENERIC_SECRETS']}"},
        timeout=30,
    )

    assert (answer.status_code, answer.text) == (202, "")
    stage.wait("it is counted", lambda: stage.deployments("told-by-hand"))


def sink_of(stage: Stage, name: str) -> str | None:
    """Give what a Knative Service's container is told of the sink."""
    path = f"{SERVICES}/namespaces/dora-cloudevents/services/{name}"
    variables = container(stage.cluster.kubernetes.get(path))["env"]
    return next((one["value"] for one in variables if one["name"] == "K_SINK"), None)
