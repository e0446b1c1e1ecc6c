from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.functions import REPOSITORY

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
