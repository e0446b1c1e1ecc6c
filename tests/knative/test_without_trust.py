"""Where Knative asks who sends: who shows no token, or may not, is refused; who may is taken.

By its name the last file that uses the stage: Triggers that were there before Knative asked are not served
as they were. So a Broker is made that is asked from its beginning.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.broker.stand import Subscriber, binary, manifest
from tests.docs.blocks import Block
from tests.knative.eventing import NAMESPACE as EVENTING
from tests.knative.kubernetes import is_ready
from tests.knative.names import host
from tests.knative.stage import RETRIES_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.knative.kubernetes import Kubernetes
    from tests.knative.page import Page
    from tests.knative.stage import Stage

NAMESPACE = "asking"
BROKER = f"/apis/eventing.knative.dev/v1/namespaces/{NAMESPACE}/brokers/dora"
INGRESS = f"http://{host(EVENTING, 'broker-ingress')}/{NAMESPACE}/dora"
BOUND = "https://bound.example/shop"
# The Broker's own dead letter sink has to be there; what else is a function is not needed.
INSTALL = f"""\
helm install {NAMESPACE} charts/dora --namespace {NAMESPACE} --create-namespace \\
    --set namespace.name={NAMESPACE},sources.name={NAMESPACE} \\
    --set functions.enabled=true,functions.registry=registry.example \\
    --set functions.only='{{dead-letters-endpoint}}' \\
    --set eventPolicies.enabled=true,eventPolicies.senders='{{ci/pipeline}}' \\
    --set settings.SOURCE_WAYS='https://bound.example/*=webhooks/github'
"""
POLICIES = {"dora-own", "dora-workloads-default", "dora-sender-ci-pipeline"}
TAKEN, UNAUTHORIZED, FORBIDDEN = 202, 401, 403


@pytest.fixture(scope="module")
def seen() -> Iterator[Subscriber]:
    subscriber = Subscriber()
    yield subscriber
    subscriber.close()


@pytest.fixture(scope="module")
def asked(stage: Stage, page: Page, seen: Subscriber) -> Iterator[str]:
    """Have Knative ask who sends, and the chart say who may; return whom tokens are for."""
    with discovery(stage.cluster.kubernetes) as address:
        features = {"authentication-oidc": "enabled", "oidc-discovery-base-url": address}
        said = json.dumps({"data": features})
        stage.kubectl("-n", EVENTING, "patch", "configmap", "config-features", "-p", said)
        page.run(Block("cluster", INSTALL))
        stage.cluster.serving.set_address("dead-letters-endpoint", seen.url, NAMESPACE)
        spec = {"broker": "dora", "subscriber": {"uri": seen.url}}
        stage.apply(manifest("Trigger", NAMESPACE, "seen", spec))
        stage.kubectl("create", "namespace", "ci")
        for account in ("pipeline", "other"):
            stage.kubectl("-n", "ci", "create", "serviceaccount", account)
        yield stage.wait("the Broker names its audience", lambda: audience(stage))


@contextmanager
def discovery(kubernetes: Kubernetes) -> Iterator[str]:
    """Serve what the API server says of its tokens, by an address that leads there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = kubernetes.get(self.path)
            if "jwks_uri" in found:
                found["jwks_uri"] = f"{address}/openid/v1/jwks"
            body = json.dumps(found).encode()
            self.send_response(requests.codes.ok)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever).start()
    yield address
    server.shutdown()
    server.server_close()


def audience(stage: Stage) -> str:
    """Return whom tokens for the Broker are for, once it goes by its policies."""
    broker = stage.cluster.kubernetes.get(BROKER)
    named = {each["name"] for each in broker.get("status", {}).get("policies", [])}
    is_whole = is_ready(broker) and named == POLICIES
    return str(broker["status"]["address"]["audience"]) if is_whole else ""


def send(stage: Stage, account: str, whom: str, **attributes: str) -> int:
    """Send an event with an account's token, or none; return the status of the answer."""
    headers = binary({"specversion": "1.0", "type": "of.no.tool", "source": "/tests", **attributes})
    namespace, _, name = account.partition("/")
    if account:
        token = stage.cluster.kubernetes.token(namespace, name, whom)
        headers["authorization"] = f"Bearer {token}"
    return requests.post(
        INGRESS,
        b"{}",
        headers=headers | {"content-type": "application/json"},
        proxies=stage.proxies,
        timeout=RETRIES_SECONDS,
    ).status_code


@pytest.mark.parametrize("account", ["ci/pipeline", f"{NAMESPACE}/default"])
def test_an_event_of_who_may_send_is_taken_and_delivered(
    stage: Stage, asked: str, seen: Subscriber, account: str
) -> None:
    def comes() -> bool:
        assert send(stage, account, asked, id=account) == TAKEN
        return account in seen.ids

    stage.wait("the event comes to a subscriber", comes)


@pytest.mark.parametrize(
    ("account", "attributes", "status"),
    [
        ("", {}, UNAUTHORIZED),
        ("ci/other", {}, FORBIDDEN),
        ("ci/pipeline", {"source": BOUND}, FORBIDDEN),
        *(("ci/pipeline", {mark: "x"}, FORBIDDEN) for mark in ("recorded", "catchup", "wayin")),
    ],
)
def test_an_event_of_who_may_not_is_refused(
    stage: Stage, asked: str, account: str, attributes: dict[str, str], status: int
) -> None:
    assert send(stage, account, asked, id="refused", **attributes) == status


def test_a_token_for_somebody_else_is_refused(stage: Stage, asked: str) -> None:
    assert send(stage, "ci/pipeline", f"{asked}-2", id="refused") == UNAUTHORIZED
