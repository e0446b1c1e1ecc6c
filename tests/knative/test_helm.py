"""What the chart can have besides is taken by the API server and Knative's webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chart.test_chart import EVERYTHING
from tests.docs.blocks import Block

if TYPE_CHECKING:
    from tests.knative.page import Page

# Beside the project of the other tests. What Prometheus' operator takes is left out: it is not here.
NAMESPACE = "everything"
INSTALL = f"""\
make chart
kubectl create namespace {NAMESPACE}
helm template dora charts/dora --dry-run=server --set database.createSecrets=true --namespace {NAMESPACE} --set namespace.name={NAMESPACE} \\
    --set-json 'sources.kubernetes=[{{"namespaces": ["{NAMESPACE}"], "cluster": "eu-1"}}]' {" ".join(f"'{each}'" for each in EVERYTHING)} \\
    --set monitoring.enabled=false |
    kubectl apply --server-side -o name -f -
"""


def test_all_that_the_chart_can_make_is_taken_by_the_webhooks(page: Page) -> None:
    taken = page.run(Block("cluster", INSTALL)).splitlines()

    kinds = {line.partition(".")[0].partition("/")[0] for line in taken if "/" in line}
    assert {"broker", "trigger", "apiserversource", "pingsource", "sinkbinding"} <= kinds
    assert {"configmap", "job", "networkpolicy", "secret", "service", "statefulset"} <= kinds
