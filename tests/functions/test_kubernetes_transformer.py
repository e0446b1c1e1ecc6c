"""Which events of Deployments become CDEvents, beside the golden files in kubernetes-transformer/."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from tests.conftest import Functions
from tests.events import RECORDED, deployment_event

OWNED = [{"kind": "Foo", "name": "foo", "controller": True}]
KNATIVE = {
    "serving.knative.dev/service": "hello",
    "serving.knative.dev/serviceUID": "s1",
    "serving.knative.dev/configurationGeneration": "3",
}


def emitted(function: Functions, event: dict[str, Any]) -> dict[str, Any] | None:
    """Return the CDEvent that the event becomes, None where it becomes none."""
    answer = function("kubernetes-transformer").post(event)
    if answer.status_code == 204:
        return None
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = json.loads(answer.data)["data"]
    return data


def test_every_recorded_revision_becomes_one_cdevent(function: Functions) -> None:
    told = [emitted(function, event) for event in RECORDED]

    by_id = {event["context"]["id"]: event for event in told if event}
    assert [
        (event["subject"]["id"], event["context"]["type"].split(".")[3]) for event in by_id.values()
    ] == [
        ("nginx-deployment", "deployed"),
        ("nginx-deployment-3", "deployed"),
        ("shop", "deployed"),
        ("nginx-deployment", "upgraded"),
        ("shop", "upgraded"),
        ("shop", "upgraded"),  # back from the stuck rollout, which itself was never done
        ("nginx-deployment", "upgraded"),  # the restart
        ("worker", "deployed"),
        ("worker", "upgraded"),
        ("worker", "upgraded"),
        ("nginx-deployment-3", "upgraded"),
        ("worker", "upgraded"),
        ("nginx-deployment-3", "removed"),
    ]


def test_telling_of_a_revision_again_is_the_same_event_byte_for_byte(function: Functions) -> None:
    event = deployment_event()
    again = deployment_event(metadata__resourceVersion="9", metadata__labels={"new": "label"})
    again["id"], again["time"] = "another", "2026-11-24T00:00:00Z"

    transformer = function("kubernetes-transformer")

    assert transformer.post(event).data == transformer.post(again).data


@pytest.mark.parametrize(
    "unfinished",
    [
        {"status": {}},
        {"status__observedGeneration": 0},
        {"status__updatedReplicas": 0},
        {"status__availableReplicas": 0},
        {"status__replicas": 2},
        {"status__conditions": []},
        {"status__conditions": [{"type": "Progressing", "status": "False"}]},
        {"spec__replicas": 0, "status__replicas": 0},
    ],
)
def test_a_rollout_that_is_not_done_is_no_cdevent(
    function: Functions, unfinished: dict[str, Any]
) -> None:
    assert emitted(function, deployment_event(**unfinished)) is None


@pytest.mark.parametrize(
    "left_out",
    [
        {"metadata__ownerReferences": OWNED},
        {"metadata__labels": {"dora.dev/ignore": "true"}},
        {"spec__template__metadata": {"annotations": {"dora.dev/ignore": "true"}}},
    ],
)
def test_a_deployment_of_a_controller_or_opted_out_is_left_out(
    function: Functions, left_out: dict[str, Any]
) -> None:
    assert emitted(function, deployment_event(**left_out)) is None


def test_an_owner_that_does_not_control_it_leaves_it_in(function: Functions) -> None:
    owners = [{"kind": "Foo", "name": "foo"}]

    assert emitted(function, deployment_event(metadata__ownerReferences=owners))


def test_a_revision_of_a_knative_service_is_an_upgrade_of_that_service(
    function: Functions,
) -> None:
    event = deployment_event(metadata__labels=KNATIVE, metadata__ownerReferences=OWNED)

    told = emitted(function, event)

    assert told
    assert told["subject"]["id"] == "hello"
    assert told["context"]["type"] == "dev.cdevents.service.upgraded.0.3.0"
    assert told["customData"]["dora"]["uid"] == "s1"
    assert told["customData"]["dora"]["revision"] == 3


def test_the_end_of_an_old_revision_of_a_knative_service_is_not_its_end(
    function: Functions,
) -> None:
    event = deployment_event(metadata__labels=KNATIVE, metadata__ownerReferences=OWNED)

    assert emitted(function, event | {"type": "dev.knative.apiserver.resource.delete"}) is None


def test_the_other_containers_are_in_custom_data(function: Functions) -> None:
    containers = [{"image": "ghcr.io/acme/worker:7"}, {"image": "envoyproxy/envoy:v1.31.0"}]

    told = emitted(function, deployment_event(spec__template__spec__containers=containers))

    worker = "pkg:oci/worker?repository_url=ghcr.io/acme/worker&tag=7"
    envoy = "pkg:oci/envoy?repository_url=docker.io/envoyproxy/envoy&tag=v1.31.0"
    assert told
    assert told["subject"]["content"]["artifactId"] == worker
    assert told["customData"]["dora"]["images"] == [worker, envoy]


def test_commit_and_repository_come_from_annotations(function: Functions) -> None:
    annotations = {
        "deployment.kubernetes.io/revision": "1",
        "dora.dev/commit": "abc",
        "dora.dev/repository": "https://github.com/acme/shop",
    }

    told = emitted(function, deployment_event(metadata__annotations=annotations))

    assert told
    assert told["customData"]["dora"]["commit"] == "abc"
    assert told["customData"]["dora"]["repository"] == "https://github.com/acme/shop"


def test_the_pod_templates_commit_goes_before_the_deployments(function: Functions) -> None:
    event = deployment_event(
        metadata__annotations={"deployment.kubernetes.io/revision": "1", "dora.dev/commit": "old"},
        spec__template__metadata={"annotations": {"dora.dev/commit": "new"}},
    )

    told = emitted(function, event)

    assert told
    assert told["customData"]["dora"]["commit"] == "new"


def test_marks_go_before_what_kubernetes_calls_it(function: Functions) -> None:
    marks = {
        "dora.dev/service": "checkout",
        "dora.dev/environment": "live",
        "dora.dev/artifact": "ghcr.io/acme/checkout:7",
        "dora.dev/team": "payments",
    }

    told = emitted(function, deployment_event(spec__template__metadata={"annotations": marks}))

    assert told
    assert told["subject"]["id"] == "checkout"
    assert told["subject"]["content"] == {
        "environment": {"id": "live"},
        "artifactId": "pkg:oci/checkout?repository_url=ghcr.io/acme/checkout&tag=7",
    }
    assert told["customData"]["dora"]["team"] == "payments"


@pytest.mark.parametrize(("said", "unplanned"), [("true", True), ("false", None)])
def test_a_hotfix_is_marked_by_an_annotation(
    function: Functions, said: str, unplanned: Literal[True] | None
) -> None:
    annotated = {"annotations": {"dora.dev/unplanned": said}}

    told = emitted(function, deployment_event(spec__template__metadata=annotated))

    assert told
    assert told["customData"]["dora"].get("unplanned") is unplanned


def _fingerprint(function: Functions, metadata: dict[str, Any]) -> str:
    told = emitted(function, deployment_event(spec__template__metadata=metadata))
    assert told
    fingerprint: str = told["customData"]["dora"]["templateFingerprint"]
    return fingerprint


def test_a_restart_does_not_change_the_fingerprint(function: Functions) -> None:
    restarted = {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-05T12:00:00Z"}}

    assert _fingerprint(function, {}) == _fingerprint(function, restarted)


def test_a_change_of_configuration_changes_the_fingerprint(function: Functions) -> None:
    changed = {"annotations": {"checksum/config": "abc"}}

    assert _fingerprint(function, {}) != _fingerprint(function, changed)
