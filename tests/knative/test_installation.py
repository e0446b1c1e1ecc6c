"""docs/install.md, followed on the cluster; all other tests look at what it installs."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from local.functions import REPOSITORY
from tests.broker.stand import NAMESPACE
from tests.docs.blocks import blocks
from tests.knative.page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.knative.cluster import Cluster
    from tests.knative.stage import Stage

RESOURCES = {
    "/api/v1": ("serviceaccounts", "configmaps"),
    "/apis/eventing.knative.dev/v1": ("brokers", "triggers"),
    "/apis/rbac.authorization.k8s.io/v1": ("roles", "rolebindings"),
    "/apis/serving.knative.dev/v1": ("services",),
    "/apis/sources.knative.dev/v1": ("apiserversources", "pingsources", "sinkbindings"),
}
# The chart gives its Job a file for each table, where the page makes one; what is said of the database
# is everybody's own.
OF_THE_DATABASE = {"dora-init-sql", "dora-init-job", "dora-postgresql"}
# What Helm and `kubectl apply` write to what they make, and nobody else.
OF_A_PERSON = {"meta.helm.sh/release-name", "kubectl.kubernetes.io/last-applied-configuration"}


def shown(day: datetime) -> Any:
    """Return the answer that the page shows, as it would be on a day."""
    page = (REPOSITORY / "docs" / "install.md").read_text()
    [answer] = re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return json.loads(re.sub(r"\d{4}-\d\d-\d\dT", f"{day:%Y-%m-%d}T", answer))


def passwords(cluster: Cluster) -> dict[str, dict[str, str]]:
    found = cluster.kubernetes.items(f"/api/v1/namespaces/{NAMESPACE}/secrets")
    named = {item["metadata"]["name"]: item["data"] for item in found}
    return {name: named[name] for name in ("dora-postgresql", "dora-postgresql-admin")}


def made(stage: Stage, *namespaces: str) -> dict[tuple[str, str], str]:
    """Return the objects in namespaces by kind and name, without the names of the namespaces."""
    items = [
        (kind, item)
        for group, kinds in RESOURCES.items()
        for kind in kinds
        for namespace in namespaces
        for item in stage.cluster.kubernetes.items(f"{group}/namespaces/{namespace}/{kind}")
    ]
    return {
        (kind, item["metadata"]["name"]): content(item, namespaces)
        for kind, item in items
        if item["metadata"]["name"] not in OF_THE_DATABASE
        and OF_A_PERSON.intersection(item["metadata"].get("annotations", {}))
    }


def content(item: dict[str, Any], namespaces: tuple[str, ...]) -> str:
    said = {key: value for key, value in item.items() if key not in ("metadata", "status")}
    return re.sub("|".join(f'"{each}"' for each in namespaces), '"it"', json.dumps(said))


def test_the_page_leads_to_the_first_metric(stage: Stage) -> None:
    [[rolled_out]] = stage.rows(
        "select time_created from deployments where deploy_name = 'nginx-deployment'"
    )

    assert json.loads(stage.first_metric) == shown(rolled_out.astimezone(UTC))


@pytest.mark.usefixtures("stage")
def test_where_to_look_shows_the_broker_and_the_functions(page: Page) -> None:
    shown = [page.run(block) for block in blocks("troubleshooting.md") if block.place == "cluster"]

    assert "broker.eventing.knative.dev/dora" in shown[0]
    assert "service.serving.knative.dev/metrics-endpoint" in shown[0]


def test_an_upgrade_is_the_same_command_and_passwords_stay(stage: Stage, page: Page) -> None:
    before = passwords(stage.cluster)

    [install] = [block for block in page.blocks if "--install" in block.commands]
    page.run(install)

    assert passwords(stage.cluster) == before
    stage.cluster.wait_until_ready()


def test_without_helm_the_objects_are_the_same(stage: Stage, tmp_path: Path) -> None:
    page = Page(stage.cluster, tmp_path)
    page.move("without-helm")

    for block in page.blocks:
        if block.place == "plain":
            page.run(block)

    assert made(stage, "without-helm") == made(stage, NAMESPACE, "default")
