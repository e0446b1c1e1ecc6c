from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.knative.objects import as_kind, deployment
from tests.knative.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from tests.knative.kubernetes import Object
    from tests.knative.stage import Stage

OLD, NEW = "pkg:oci/nginx?tag=1.14.2", "pkg:oci/nginx?tag=1.16.1"


def controller(stage: Stage, name: str) -> Object:
    """Make an object that can own others, and give the reference to it."""
    metadata = {"name": name, "namespace": "default"}
    stage.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    owner = stage.cluster.kubernetes.get(f"/api/v1/namespaces/default/configmaps/{name}")
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "controller": True}
    return reference | {"uid": owner["metadata"]["uid"]}


def revision(stage: Stage, service: str, generation: int, image: str) -> Object:
    """Return the Deployment that Knative Serving makes of a Service's revision."""
    name = f"{service}-{generation:05}"
    labels = {
        "serving.knative.dev/service": service,
        "serving.knative.dev/serviceUID": f"uid-of-{service}",
        "serving.knative.dev/configurationGeneration": str(generation),
        "serving.knative.dev/revision": name,
    }
    owners = [controller(stage, name)]
    return deployment(f"{name}-deployment", image, labels=labels, ownerReferences=owners)


def test_a_new_image_is_an_upgrade_and_counts_once_more(stage: Stage) -> None:
    stage.roll_out(deployment("shop"))
    stage.roll_out(deployment("shop", "nginx:1.16.1"))
    stage.settle()

    assert stage.deployments("shop") == [("deployed", OLD), ("upgraded", NEW)]
    assert stage.count_today("shop") == 2


def test_scaling_labels_and_restarts_of_the_adapter_count_nothing(stage: Stage) -> None:
    stage.roll_out(deployment("steady"))
    stage.kubectl("scale", "deployment/steady", "--replicas=3")
    stage.wait_for_rollout("steady")
    stage.kubectl("label", "deployment/steady", "tier=front")
    stage.settle()
    stage.restart_adapter()
    stage.kubectl("label", "deployment/steady", "tier=back", "--overwrite")
    stage.settle()

    assert stage.deployments("steady") == [("deployed", OLD)]
    assert stage.cdevents("steady") == ["deployed"]


def test_a_restart_is_an_upgrade_that_does_not_count(stage: Stage) -> None:
    stage.roll_out(deployment("tired"))
    stage.kubectl("rollout", "restart", "deployment/tired")
    stage.wait_for_rollout("tired")
    stage.settle()

    assert stage.cdevents("tired") == ["deployed", "upgraded"]
    assert stage.deployments("tired") == [("deployed", OLD)]


def test_a_rollout_that_never_gets_ready_counts_nothing(stage: Stage) -> None:
    spec: dict[str, Any] = {"progressDeadlineSeconds": 1}
    stuck = deployment("stuck", spec=spec)
    stuck["spec"]["template"]["spec"]["nodeSelector"] = {"there-is": "no-such-node"}
    stage.apply(stuck)
    condition = "--for=condition=Progressing=false"
    stage.kubectl("wait", condition, "deployment/stuck", f"--timeout={PATIENCE_SECONDS}s")
    stage.settle()

    assert ("dev.knative.apiserver.resource.update", None) in stage.seen("stuck")
    assert stage.cdevents("stuck") == []


def test_an_undo_is_a_deployment_that_returns_to_an_earlier_artifact(stage: Stage) -> None:
    stage.roll_out(deployment("regret"))
    stage.roll_out(deployment("regret", "nginx:1.16.1"))
    stage.kubectl("rollout", "undo", "deployment/regret")
    stage.wait_for_rollout("regret")
    stage.settle()

    counted = stage.deployments("regret")
    assert sorted(counted) == [("deployed", OLD), ("upgraded", OLD), ("upgraded", NEW)]
    assert stage.cdevents("regret") == ["deployed", "upgraded", "upgraded"]
    assert stage.artifacts("regret") == [OLD, NEW, OLD]


def test_a_deletion_is_the_services_removal(stage: Stage) -> None:
    stage.roll_out(deployment("gone"))
    stage.kubectl("delete", "deployment/gone")
    stage.settle()

    assert stage.cdevents("gone") == ["deployed", "removed"]
    assert stage.deployments("gone") == [("deployed", OLD)]


def test_a_deployment_in_another_namespace_is_not_seen(stage: Stage) -> None:
    stage.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}})
    stage.roll_out(deployment("foreign", namespace="elsewhere"))
    stage.settle()

    assert stage.seen("foreign") == []


def test_a_deployment_of_a_controller_counts_nothing(stage: Stage) -> None:
    stage.roll_out(deployment("child", ownerReferences=[controller(stage, "parent")]))
    stage.settle()

    assert ("dev.knative.apiserver.resource.update", None) in stage.seen("child")
    assert stage.cdevents("child") == []


def test_a_deployment_whose_owner_opted_out_counts_nothing(stage: Stage) -> None:
    stage.roll_out(deployment("private", labels={"dora.dev/ignore": "true"}))
    stage.settle()

    assert ("dev.knative.apiserver.resource.update", None) in stage.seen("private")
    assert stage.cdevents("private") == []


def test_revisions_of_a_knative_service_count_for_the_service(stage: Stage) -> None:
    stage.roll_out(revision(stage, "hello", 1, "nginx:1.14.2"))
    stage.roll_out(revision(stage, "hello", 2, "nginx:1.16.1"))
    stage.kubectl("delete", "deployment/hello-00001-deployment")
    stage.settle()

    assert stage.deployments("hello") == [("deployed", OLD), ("upgraded", NEW)]
    assert stage.cdevents("hello") == ["deployed", "upgraded"]
    assert stage.cdevents("hello-00001-deployment") == []


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_a_workload_without_numbered_revisions_counts_by_its_own_status(
    stage: Stage, kind: str
) -> None:
    """Its first rollout and its new image count, a restart and other replicas do not."""
    name = kind.lower()
    stage.roll_out(as_kind(kind, deployment(name)))
    stage.roll_out(as_kind(kind, deployment(name, "nginx:1.16.1")))
    stage.settle(kind)
    counted = [("deployed", OLD), ("upgraded", NEW)]
    assert stage.deployments(name) == counted

    stage.kubectl("rollout", "restart", f"{name}/{name}")
    stage.wait_for_rollout(name, kind=kind)
    if kind == "StatefulSet":
        stage.kubectl("scale", f"{name}/{name}", "--replicas=3")
        stage.wait_for_rollout(name, kind=kind)
    stage.settle(kind)
    assert stage.deployments(name) == counted
    assert stage.cdevents(name)[:3] == ["deployed", "upgraded", "upgraded"]

    stage.kubectl("delete", f"{name}/{name}")
    stage.settle(kind)
    assert stage.cdevents(name)[-1] == "removed"
