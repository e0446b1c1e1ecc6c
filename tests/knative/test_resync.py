"""What a source missed while its adapter was away, and sources that say where they are."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from local.functions import REPOSITORY
from tests.docs.blocks import blocks
from tests.knative.kubelet import Kubelet
from tests.knative.kubernetes import Kubernetes, Object, is_ready
from tests.knative.objects import deployment
from tests.knative.second import SecondCluster
from tests.knative.stage import INGRESS
from tests.knative.waiting import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.knative.page import Page
    from tests.knative.stage import Stage

OLD, NEW = "pkg:oci/nginx?tag=1.14.2", "pkg:oci/nginx?tag=1.16.1"
STOREFRONT = "storefront"
CRON_JOB = "/apis/batch/v1/namespaces/default/cronjobs/dora-resync"
_numbers = itertools.count()


@dataclass(frozen=True)
class Resync:
    """Runs Jobs of the CronJob in a namespace, as a person does who does not want to wait."""

    stage: Stage
    kubernetes: Kubernetes
    kubelet: Kubelet
    namespace: str = "default"

    def __call__(self) -> str:
        """Run one and return what it says."""
        job = f"resync-{next(_numbers)}"
        made = ("create", "job", job, "--from=cronjob/dora-resync")
        self.kubernetes.kubectl("-n", self.namespace, *made)
        return self.stage.cluster.run_resync(self.kubelet, self.namespace, job)


@pytest.fixture(scope="module")
def resync(stage: Stage, page: Page) -> Resync:
    """Return the CronJob that docs/operating.md applies beside the source of the installation."""
    [block] = [
        block for block in blocks("operating.md") if "kubernetes/resync.yaml" in block.commands
    ]
    page.run(block)
    return Resync(stage, stage.cluster.kubernetes, stage.cluster.kubelet)


def test_what_is_rolled_out_while_the_adapter_is_away_counts(stage: Stage, resync: Resync) -> None:
    adapter = stage.adapter()
    adapter.kill()
    stage.roll_out(deployment("drained"))
    resync()
    stage.roll_out(deployment("drained", "nginx:1.16.1"))
    resync()
    adapter.start()
    stage.wait_until_told()

    assert stage.deployments("drained") == [("deployed", OLD), ("upgraded", NEW)]
    assert stage.count_today("drained") == 2


def test_what_is_sent_again_is_the_event_of_the_adapter(stage: Stage, resync: Resync) -> None:
    stage.roll_out(deployment("seen-twice"))
    stage.settle()
    before = stage.cdevents("seen-twice"), stage.deployments("seen-twice")

    resync()
    said = resync()

    assert " 0 refused" in said
    raw = stage.rows(
        "select count(*), count(distinct ce_source) from cloudevents_raw "
        "where content::jsonb ->> 'name' = 'seen-twice' and ce_id like '%/1'"
    )
    sources = stage.rows(
        "select distinct ce_source from cloudevents_raw "
        "where content::jsonb ->> 'name' = 'seen-twice'"
    )
    assert raw == [[1, 1]]
    assert sources == [[stage.cluster.kubernetes.url]]
    assert (stage.cdevents("seen-twice"), stage.deployments("seen-twice")) == before


def test_the_cron_job_remembers_when_it_last_succeeded(stage: Stage, resync: Resync) -> None:
    resync()

    def status() -> Any:
        return stage.cluster.kubernetes.get(CRON_JOB)["status"].get("lastSuccessfulTime")

    assert stage.wait("a Job of the CronJob is complete", status)


def test_its_account_may_read_workloads_its_source_and_its_cron_job(
    stage: Stage, resync: Resync
) -> None:
    assert resync.namespace == "default"
    rules = stage.kubectl(
        *("auth", "can-i", "--list", "-n", "default", "--no-headers"),
        *("--as", "system:serviceaccount:default:dora-resync"),
    )

    named = [line.split() for line in rules.splitlines() if "selfsubject" not in line]
    assert sorted(" ".join(words) for words in named if not words[0].startswith("[")) == [
        "apiserversources.sources.knative.dev [] [dora-workloads] [get]",
        "cronjobs.batch [] [dora-resync] [get]",
        "daemonsets.apps [] [] [get list watch]",
        "deployments.apps [] [] [get list watch]",
        "statefulsets.apps [] [] [get list watch]",
    ]


def sources(environment: str, cluster: str, image: str) -> list[Object]:
    """Return what the project applies to a namespace, saying environment, cluster and Broker."""
    files = ("kubernetes.yaml", "kubernetes/resync.yaml")
    text = "\n---\n".join((REPOSITORY / "sources" / file).read_text() for file in files)
    objects = list(
        yaml.safe_load_all(text.replace("namespace: default", f"namespace: {STOREFRONT}"))
    )
    [source] = [each for each in objects if each["kind"] == "ApiServerSource"]
    said = {"doraenvironment": environment, "doracluster": cluster}
    source["spec"] |= {"ceOverrides": {"extensions": said}, "sink": {"uri": INGRESS}}
    [job] = [each for each in objects if each["kind"] == "CronJob"]
    [container] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    container["image"] = image
    return objects


def watch(kubernetes: Kubernetes, kubelet: Kubelet, cluster: str) -> None:
    """Let a cluster report a namespace, and wait until its adapter runs."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": STOREFRONT}}
    kubernetes.apply([namespace, *sources("live", cluster, "registry.example/it")])
    path = f"/apis/sources.knative.dev/v1/namespaces/{STOREFRONT}/apiserversources/dora-workloads"

    def is_watching() -> bool:
        kubelet.run_deployments(STOREFRONT)
        return is_ready(kubernetes.get(path))

    wait_for(f"the source of {cluster} is ready", is_watching)


@pytest.fixture(scope="module")
def clusters(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[Kubernetes, Kubelet]]]:
    """Two clusters, each with a source of the same namespace, that share a Broker."""
    second = SecondCluster(stage.cluster, tmp_path_factory.mktemp("second"))
    with second.running():
        both = {
            "eu-1": (stage.cluster.kubernetes, stage.cluster.kubelet),
            "eu-2": (second.kubernetes, second.kubelet),
        }
        for name, (kubernetes, kubelet) in both.items():
            watch(kubernetes, kubelet, name)
        yield both


def roll_out(kubernetes: Kubernetes, name: str, image: str) -> None:
    kubernetes.apply([deployment(name, image, STOREFRONT)])
    patience = f"--timeout={PATIENCE_SECONDS}s"
    kubernetes.kubectl("-n", STOREFRONT, "rollout", "status", f"deployment/{name}", patience)


def test_two_clusters_that_share_a_broker_are_two_targets_of_a_service(
    stage: Stage, clusters: dict[str, tuple[Kubernetes, Kubelet]]
) -> None:
    """One gets two versions after the other got them: that is no rollback, and nothing new."""
    for kubernetes, kubelet in clusters.values():
        for image in ("nginx:1.14.2", "nginx:1.16.1"):
            roll_out(kubernetes, "twin", image)
            # Whether its adapter reported that already or not.
            Resync(stage, kubernetes, kubelet, STOREFRONT)()

    assert told(stage, "twin") == [
        [cluster, predicate, "live"]
        for cluster in ("eu-1", "eu-2")
        for predicate in ("deployed", "upgraded")
    ]
    roll_out(clusters["eu-2"][0], "twin", "nginx:1.17.0")
    newest = ("upgraded", "pkg:oci/nginx?tag=1.17.0")
    stage.wait("the newest is counted", lambda: newest in stage.deployments("twin"))
    assert stage.deployments("twin") == [("deployed", OLD), ("upgraded", NEW), newest]


def test_the_adapters_of_both_clusters_say_where_they_are(
    stage: Stage, clusters: dict[str, tuple[Kubernetes, Kubelet]]
) -> None:
    for kubernetes, _ in clusters.values():
        roll_out(kubernetes, "reported", "nginx:1.14.2")

    stage.wait("both have reported", lambda: len(stage.cdevents("reported")) == 2)
    assert sorted(told(stage, "reported")) == [
        ["eu-1", "deployed", "live"],
        ["eu-2", "deployed", "live"],
    ]


def told(stage: Stage, service: str) -> list[list[str]]:
    """Return cluster, predicate and environment of a service's CDEvents, in the log's order."""
    sql = (
        "select cd_source, cd_predicate, environment_id from cdevents_raw "
        "where service_id = :service order by seq"
    )
    found = stage.rows(sql, service=service)
    return [[source.rpartition("/clusters/")[2], *rest] for source, *rest in found]
