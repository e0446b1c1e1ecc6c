from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.functions import REPOSITORY
from tests.broker.stand import NAMESPACE
from tests.functions.examples import FOLDER, INPUTS, outputs, transformer
from tests.knative.names import host
from tests.knative.stage import INGRESS
from tests.knative.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

    from _pytest.mark import ParameterSet

    from tests.knative.stage import Stage

ACCOUNT = "dora-workloads"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
VISIBILITY = "networking.knative.dev/visibility"
PUSH = FOLDER / "github-transformer" / "inputs" / "02-push-of-a-squashed-pull-request.json"
WEBHOOKS = f"http://{host(NAMESPACE, 'webhooks-endpoint')}/github"
GITHUBS = "WEBHOOK_GITHUB_SECRETS"
# What a source sends besides, and no metric needs.
NOBODYS = {
    "dev.knative.source.github.sponsorship",
    "dev.knative.sources.gitlab.wiki_page",
    "harbor.artifact.pulled",
}


def examples() -> list[ParameterSet]:
    """Return an example of each type of event that transformers have examples of.

    What an ApiServerSource reports of Deployments is reported by a real one in the other tests.
    """
    chosen: dict[str, Path] = {}
    for file in INPUTS:
        kind = json.loads(file.read_text())["type"]
        if transformer(file) != "kubernetes-transformer" and (
            kind not in chosen or (outputs(file) and not outputs(chosen[kind]))
        ):
            chosen[kind] = file
    return [pytest.param(file, id=kind) for kind, file in chosen.items()]


@pytest.fixture(scope="module")
def bound(stage: Stage) -> Stage:
    """The cluster with the SinkBinding of every source."""
    for file in REPOSITORY.glob("sources/*/sink-binding.yaml"):
        stage.kubectl("apply", "-f", str(file))
    stage.cluster.wait_until_ready()
    return stage


def asked(stage: Stage, event: dict[str, Any]) -> set[str]:
    """Return the transformers that were asked about an event."""
    names = {
        name.partition(".")[0] for name in stage.cluster.names.asked(event["source"], event["id"])
    }
    return {name for name in names if name.endswith("-transformer")}


@pytest.mark.parametrize("file", examples())
def test_an_event_becomes_its_cdevents_by_its_sources_transformer_and_by_no_other(
    bound: Stage, file: Path
) -> None:
    event: dict[str, Any] = json.loads(file.read_text())
    data = json.dumps(event.pop("data")).encode()
    del event["datacontenttype"]
    becomes = {json.loads(output.read_text())["id"] for output in outputs(file)}

    bound.send(event, data)

    recorded = bound.rows("select cd_id from cdevents_raw where cd_id = any(:ids)", ids=[*becomes])
    wanted = set() if event["type"] in NOBODYS else {transformer(file)}
    assert asked(bound, event) == wanted
    assert {cd_id for [cd_id] in recorded} == becomes


def test_what_happens_to_a_deployment_goes_to_the_transformer_of_kubernetes_alone(
    stage: Stage,
) -> None:
    told = [e for e in stage.sockeye.events if e.get("name") == "nginx-deployment"]

    assert told
    assert [asked(stage, event) for event in told] == ([{"kubernetes-transformer"}] * len(told))


def test_a_sink_binding_tells_who_sends_by_itself_where_the_broker_is(bound: Stage) -> None:
    environments = bound.cluster.serving.environments
    told = {name: said["K_SINK"] for name, said in environments.items() if "K_SINK" in said}

    folders = {file.parent.name for file in REPOSITORY.glob("sources/*/sink-binding.yaml")}
    names = {f"{folder}-transformer" for folder in folders - {"webhooks"}} | {"webhooks-endpoint"}
    assert told == dict.fromkeys(names, INGRESS)


def signature(stage: Stage, body: bytes) -> str:
    """Sign as GitHub does, which knows the secret that the page has made."""
    secret = stage.cluster.serving.environments["webhooks-endpoint"][GITHUBS]
    return f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"


def test_a_signed_webhook_is_kept_and_becomes_its_cdevent(bound: Stage) -> None:
    [output] = outputs(PUSH)
    becomes = json.loads(output.read_text())
    body = json.dumps(json.loads(PUSH.read_text())["data"]).encode()
    headers = {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "a-delivery",
        "X-Hub-Signature-256": signature(bound, body),
    }

    answer = requests.post(
        WEBHOOKS, body, headers=headers, proxies=bound.proxies, timeout=PATIENCE_SECONDS
    )

    assert answer.status_code == 202
    assert bound.rows("select ce_type from cloudevents_raw where ce_id = 'a-delivery'") == [
        ["dev.knative.source.github.push"]
    ]
    sql = "select cd_type from cdevents_raw where cd_id = :id"
    assert bound.rows(sql, id=becomes["id"]) == [[becomes["type"]]]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", DEPLOYMENTS, 200),
        ("GET", "/apis/apps/v1/namespaces/default/statefulsets", 200),
        ("GET", "/apis/apps/v1/namespaces/default/daemonsets", 200),
        ("GET", "/api/v1/namespaces/default/secrets", 403),
        ("GET", "/api/v1/secrets", 403),
        ("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/dora-postgresql", 403),
        ("GET", "/api/v1/namespaces/default/configmaps", 403),
        ("GET", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", 403),
        ("DELETE", f"{DEPLOYMENTS}/nginx-deployment", 403),
        ("POST", DEPLOYMENTS, 403),
    ],
)
def test_the_sources_account_may_read_workloads_and_nothing_else(
    stage: Stage, method: str, path: str, status: int
) -> None:
    token = stage.cluster.kubernetes.token("default", ACCOUNT)

    answer = stage.cluster.kubernetes.request(method, path, token, json={})

    assert answer.status_code == status


def test_kubectl_lists_nothing_else_that_the_sources_account_may_read(stage: Stage) -> None:
    rules = stage.kubectl(
        *("auth", "can-i", "--list", "-n", "default"),
        *("--as", f"system:serviceaccount:default:{ACCOUNT}", "--no-headers"),
    )

    named = [line.split()[0] for line in rules.splitlines() if "selfsubject" not in line]
    assert [name for name in sorted(named) if not name.startswith("[")] == [
        "daemonsets.apps",
        "deployments.apps",
        "statefulsets.apps",
    ]


def test_the_functions_that_people_call_are_the_only_public_ones(stage: Stage) -> None:
    services = stage.cluster.kubernetes.items(
        f"/apis/serving.knative.dev/v1/namespaces/{NAMESPACE}/services"
    )
    ours = {*stage.cluster.serving.programs, "sockeye"}
    public = {
        service["metadata"]["name"]
        for service in services
        if service["metadata"].get("labels", {}).get(VISIBILITY) != "cluster-local"
    }

    assert public & ours == {"metrics-endpoint", "webhooks-endpoint"}


def say_of_services(stage: Stage, text: str) -> None:
    """Write the ConfigMap that the metrics mount; a kubelet brings it to the pods."""
    said = {"data": {"catalog.yaml": f"services: {text}\n"}}
    stage.kubectl("-n", NAMESPACE, "patch", "configmap", "dora-catalog", "-p", json.dumps(said))
    stage.cluster.serving.update()


def test_a_team_told_in_the_config_map_is_a_group_of_a_metric(stage: Stage) -> None:
    def storefront() -> list[int]:
        answer = stage.ask("/metrics/deployment-frequency?group_by=team")
        return [group["count"] for group in answer["groups"] if group["team"] == "storefront"]

    say_of_services(stage, "{nginx-deployment: {team: storefront}}")
    assert stage.wait("a tick that loads the catalog", storefront) == [1]
    say_of_services(stage, "{}")
