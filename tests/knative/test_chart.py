"""The Helm chart, with all that it can have, is taken by the API server and Knative's webhooks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import Block, checkout, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.knative.cluster import Cluster

# Beside the project of the other tests.
NAMESPACE = "by-helm"
INSTALL = f"""\
make chart
helm upgrade --install dora charts/dora --namespace {NAMESPACE} --create-namespace \\
    --values charts/dora/try.yaml --timeout 2m \\
    --set namespace.name={NAMESPACE} --set sources.kubernetes.namespaces={{{NAMESPACE}}} \\
    --set networkPolicies.enabled=true
"""


@pytest.fixture
def install(cluster: Cluster, tmp_path: Path) -> Callable[[str], str]:
    """Install with further arguments."""
    environment = {
        "KUBECONFIG": str(cluster.kubernetes.kubeconfig()),
        "HELM": str(cluster.tools.program("helm")),
        "HOME": str(tmp_path),
    }
    checkout(tmp_path)
    return lambda arguments: run(
        Block("cluster", f"{INSTALL.rstrip()} {arguments}"), tmp_path, environment
    )


def _secrets(cluster: Cluster) -> dict[str, dict[str, str]]:
    found = cluster.kubernetes.items(f"/api/v1/namespaces/{NAMESPACE}/secrets")
    return {
        item["metadata"]["name"]: item["data"]
        for item in found
        if item["metadata"]["name"].startswith("dora-")
    }


def test_the_chart_is_installed_and_upgraded(
    cluster: Cluster, install: Callable[[str], str]
) -> None:
    install("")
    before = _secrets(cluster)
    install("--set sockeye.enabled=false")

    manifest = f"/apis/eventing.knative.dev/v1/namespaces/{NAMESPACE}"
    assert [each["metadata"]["name"] for each in cluster.kubernetes.items(f"{manifest}/brokers")]
    triggers = [
        item["metadata"]["name"] for item in cluster.kubernetes.items(f"{manifest}/triggers")
    ]
    assert "deployment-frequency" in triggers
    assert "sockeye" not in triggers
    assert sorted(before) == ["dora-postgresql", "dora-postgresql-admin"]
    assert _secrets(cluster) == before


def test_the_broker_on_kafka_is_taken_too(cluster: Cluster, tmp_path: Path) -> None:
    folder = checkout(tmp_path) / "broker"
    cluster.kubernetes.kubectl("apply", "-f", str(folder / "00-namespace.yaml"))

    shown = cluster.kubernetes.kubectl(
        *("apply", "--server-side", "--dry-run=server", "-o", "json"),
        *("-f", str(folder / "kafka")),
    )

    kinds = {item["kind"] for item in json.loads(shown)["items"]}
    assert kinds == {"Broker", "ConfigMap"}
