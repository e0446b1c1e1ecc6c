"""What an ApiServerSource may have missed, read from an API server and sent to a Broker.

tests/knative has the real ones.
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Commands, Sink
from tests.commands.tool import TOKEN, Answer, Tool
from tests.events import deployment_event
from tests.functions.examples import FOLDER

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(not OPENSSL, reason="there is no openssl")
EXAMPLES = FOLDER / "kubernetes-transformer"
SOURCES = "/apis/sources.knative.dev/v1/namespaces/default/apiserversources"
CRON_JOB = "/apis/batch/v1/namespaces/default/cronjobs/dora-resync"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
EVERYWHERE = "/apis/apps/v1/deployments"
ROLLOUTS = "/apis/argoproj.io/v1alpha1/namespaces/default/rollouts"
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment"}
ROLLOUT = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
WRITTEN = "2026-11-24T10:00:00Z"


class Cluster(Tool):
    """An API server with a source and what it watches, in pages of two."""

    prefix = ""

    def __init__(self, folder: Path) -> None:
        super().__init__({})
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "ca.crt", folder / "key.pem")
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.source: dict[str, Any] = {
            "metadata": {"name": "dora-workloads", "namespace": "default"},
            "spec": {"mode": "Resource", "resources": [DEPLOYMENT]},
            "status": {"namespaces": ["default"]},
        }
        self.places[f"{SOURCES}/dora-workloads"] = self.source

    @property
    def origin(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.server_port}"

    def has(self, path: str, *objects: dict[str, Any]) -> None:
        """Lay down a list in pages of two; like the real one, its objects do not say their kind."""
        items = [
            {key: value for key, value in each.items() if key not in ("apiVersion", "kind")}
            for each in objects
        ]

        def page(parameters: dict[str, str]) -> dict[str, Any]:
            start = int(parameters.get("continue") or 0)
            following = str(start + 2) if start + 2 < len(items) else ""
            return {"metadata": {"continue": following}, "items": items[start : start + 2]}

        self.places[path] = page

    def succeeded(self, time: str) -> None:
        """Let the CronJob have succeeded."""
        self.places[CRON_JOB] = {
            "spec": {"jobTemplate": {"spec": {"activeDeadlineSeconds": 600}}},
            "status": {"lastSuccessfulTime": time},
        }


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pod's account: its token, its namespace, and the certificate of the API server."""
    folder = tmp_path_factory.mktemp("account")
    request = "req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    names = ["-subj", "/CN=api", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "ca.crt")]
    subprocess.run(
        [str(OPENSSL), *request.split(), *names, *files], check=True, capture_output=True
    )
    (folder / "token").write_text(f"{TOKEN}\n")
    (folder / "namespace").write_text("default")
    return folder


@pytest.fixture
def cluster(account: Path, commands: Commands) -> Iterator[Cluster]:
    server = Cluster(account)
    commands.environment |= {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(server.server_port),
        "SERVICE_ACCOUNT": str(account),
    }
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def deployment(name: str, written: str = WRITTEN, **changes: Any) -> dict[str, Any]:
    """Return the recorded end of a first rollout, as if it were another Deployment's."""
    event = deployment_event(metadata__name=name, metadata__uid=f"uid-of-{name}", **changes)
    workload: dict[str, Any] = event["data"]
    workload["metadata"]["managedFields"] = [{"time": written, "fieldsV1": {"f:status": {}}}]
    return workload


def example(name: str) -> dict[str, Any]:
    """Return the workload of an example."""
    workload: dict[str, Any] = json.loads((EXAMPLES / "inputs" / f"{name}.json").read_text())[
        "data"
    ]
    return workload


def names(sink: Sink) -> list[str]:
    return [json.loads(body)["name"] for body in sink.bodies]


def test_each_workload_that_is_rolled_out_is_sent_as_its_source_would(
    commands: Commands, cluster: Cluster, sink: Sink
) -> None:
    shop = deployment("shop")
    cluster.has(DEPLOYMENTS, shop, example("02-not-yet-available"), deployment("cart"))
    cluster.source["spec"]["ceOverrides"] = {"extensions": {"doracluster": "eu-2"}}

    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "3 workloads seen, 2 sent, 0 refused"
    event = json.loads(sink.bodies[0])
    assert event.pop("data") == shop
    assert event == {
        "specversion": "1.0",
        "id": "uid-of-shop/1",
        "source": cluster.origin,
        "type": "dev.knative.apiserver.resource.update",
        "subject": "/apis/apps/v1/namespaces/default/deployments/shop",
        "time": shop["status"]["conditions"][1]["lastUpdateTime"],
        "datacontenttype": "application/json",
        "kind": "Deployment",
        "apiversion": "apps/v1",
        "name": "shop",
        "namespace": "default",
        "doracluster": "eu-2",
    }


def test_a_revision_is_the_same_event_each_time(
    commands: Commands, cluster: Cluster, sink: Sink
) -> None:
    cluster.has(DEPLOYMENTS, deployment("shop"))
    commands.run("resync", "dora-workloads")
    cluster.has(DEPLOYMENTS, deployment("shop", spec__replicas=1, status__observedGeneration=9))
    commands.run("resync", "dora-workloads")

    assert sink.ids == ["uid-of-shop/1", "uid-of-shop/1"]


@pytest.mark.parametrize(
    ("succeeded", "sent"),
    [("2026-11-24T10:09:00Z", ["old", "new"]), ("2026-11-24T10:11:00Z", ["new"])],
)
def test_only_what_was_written_since_the_last_success_is_sent(
    commands: Commands, cluster: Cluster, sink: Sink, succeeded: str, sent: list[str]
) -> None:
    """A Job that succeeded began at most its deadline, ten minutes, before that."""
    cluster.succeeded(succeeded)
    cluster.has(DEPLOYMENTS, deployment("old"), deployment("new", "2026-11-24T10:01:00Z"))

    done = commands.run("resync", "dora-workloads", "--cron-job", "dora-resync")

    assert done.returncode == 0, done.stderr
    assert names(sink) == sent


def test_before_the_first_success_all_is_sent(
    commands: Commands, cluster: Cluster, sink: Sink
) -> None:
    cluster.places[CRON_JOB] = {"spec": {"jobTemplate": {"spec": {"activeDeadlineSeconds": 600}}}}
    cluster.has(DEPLOYMENTS, deployment("old", "2006-01-01T00:00:00Z"))

    commands.run("resync", "dora-workloads", "--cron-job", "dora-resync")

    assert names(sink) == ["old"]


def test_a_cron_job_without_a_deadline_is_refused(commands: Commands, cluster: Cluster) -> None:
    cluster.places[CRON_JOB] = {"spec": {"jobTemplate": {"spec": {}}}}

    done = commands.run("resync", "dora-workloads", "--cron-job", "dora-resync")

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "activeDeadlineSeconds to be a number" in done.stderr


def test_of_the_namespaces_that_a_selector_finds_only_these_count(
    commands: Commands, cluster: Cluster, sink: Sink
) -> None:
    cluster.source["spec"]["namespaceSelector"] = {"matchLabels": {"stage": "production"}}
    cluster.has(EVERYWHERE, deployment("in"), deployment("out", metadata__namespace="other"))

    commands.run("resync", "dora-workloads")

    assert names(sink) == ["in"]


def test_an_empty_selector_is_of_all_namespaces(
    commands: Commands, cluster: Cluster, sink: Sink
) -> None:
    cluster.source["spec"]["namespaceSelector"] = {}
    cluster.has(EVERYWHERE, deployment("in"), deployment("new", metadata__namespace="made-later"))

    commands.run("resync", "dora-workloads")

    assert names(sink) == ["in", "new"]


def test_the_sources_selector_of_labels_is_asked_for(commands: Commands, cluster: Cluster) -> None:
    selector = {
        "matchLabels": {"app": "shop"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["front", "back"]},
            {"key": "old", "operator": "DoesNotExist"},
        ],
    }
    cluster.source["spec"]["resources"] = [DEPLOYMENT | {"selector": selector}]
    asked: list[str] = []

    def note(parameters: dict[str, str]) -> dict[str, Any]:
        asked.append(parameters["labelSelector"])
        return {"metadata": {}, "items": []}

    cluster.places[DEPLOYMENTS] = note
    commands.run("resync", "dora-workloads")

    assert asked == ["app=shop,tier in (front,back),!old"]


@pytest.mark.parametrize("said", [{"mode": "Reference"}, {"filters": [{"exact": {}}]}])
def test_a_source_that_reports_otherwise_is_refused(
    commands: Commands, cluster: Cluster, sink: Sink, said: dict[str, Any]
) -> None:
    cluster.source["spec"] |= said

    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 1
    assert done.stderr == "expected a source in mode Resource, without filters and owner\n"
    assert sink.bodies == []


def test_a_kind_that_the_cluster_does_not_know_has_no_objects(
    commands: Commands, cluster: Cluster, sink: Sink
) -> None:
    cluster.source["spec"]["resources"] = [ROLLOUT, DEPLOYMENT]
    cluster.has(DEPLOYMENTS, deployment("shop"))

    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 0
    assert f"expected {ROLLOUTS} to be there, got 404" in done.stderr
    assert names(sink) == ["shop"]


def a_rollout_of_a_deployment(seen: str) -> dict[str, Any]:
    """Return a Rollout that takes its template from the Deployment `shop`."""
    workload = example("33-argo-rollout-done")
    del workload["spec"]["template"]
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}
    workload["spec"]["workloadRef"] = reference
    workload["status"]["workloadObservedGeneration"] = seen
    return workload


@pytest.mark.parametrize(("seen", "known"), [("3", 1), ("2", 0)])
def test_a_rollout_runs_the_template_of_the_deployment_that_it_has_seen(
    commands: Commands, cluster: Cluster, sink: Sink, seen: str, known: int
) -> None:
    shop = deployment("shop", metadata__generation=3)
    cluster.source["spec"]["resources"] = [ROLLOUT]
    cluster.has(ROLLOUTS, a_rollout_of_a_deployment(seen))
    cluster.places[f"{DEPLOYMENTS}/shop"] = shop

    commands.run("resync", "dora-workloads")

    [event] = map(json.loads, sink.bodies)
    assert [event["data"]["spec"].get("template")] == [None, shop["spec"]["template"]][known:][:1]


@pytest.mark.parametrize("status", [403, 404])
def test_a_rollout_of_a_deployment_that_cannot_be_read_holds_up_nothing(
    commands: Commands, cluster: Cluster, sink: Sink, status: int
) -> None:
    cluster.source["spec"]["resources"] = [ROLLOUT, DEPLOYMENT]
    cluster.has(ROLLOUTS, a_rollout_of_a_deployment("3"))
    cluster.has(DEPLOYMENTS, deployment("cart"))
    cluster.instead = lambda number: (status, {}, "{}") if number == 3 else None

    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 0, done.stderr
    assert f"{DEPLOYMENTS}/shop" in done.stderr
    assert names(sink)[-1] == "cart"


def test_the_token_is_read_anew_for_each_request(
    commands: Commands, cluster: Cluster, sink: Sink, account: Path, tmp_path: Path
) -> None:
    replaced = tmp_path / "account"
    shutil.copytree(account, replaced)
    (replaced / "token").write_text("expired")
    commands.environment["SERVICE_ACCOUNT"] = str(replaced)
    cluster.has(DEPLOYMENTS, deployment("shop"))

    def replace_token(_number: int) -> Answer:
        (replaced / "token").write_text(TOKEN)
        cluster.instead = lambda _number: None
        return 503, {}, ""

    cluster.instead = replace_token
    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 0, done.stderr
    assert names(sink) == ["shop"]


def test_a_list_that_got_too_old_goes_on_with_the_newest(
    commands: Commands, cluster: Cluster, sink: Sink
) -> None:
    cluster.has(DEPLOYMENTS, *(deployment(name) for name in ("one", "two", "three")))
    expired = json.dumps({"code": 410, "metadata": {"continue": "2"}})
    cluster.instead = lambda number: (410, {}, expired) if number == 3 else None

    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 0, done.stderr
    assert names(sink) == ["one", "two", "three"]


# what is wrong → (the answer to the second request, the sentence)
REFUSALS: dict[str, tuple[Answer, str]] = {
    "rights": (
        (403, {}, '{"message": "deployments.apps is forbidden"}'),
        f"the API server refuses {DEPLOYMENTS} with 403: deployments.apps is forbidden\n",
    ),
    "token": ((401, {}, "{}"), "the API server refuses the account's token\n"),
    "no JSON": ((400, {}, "<html>"), f"the API server refuses {DEPLOYMENTS} with 400: no reason\n"),
}


@pytest.mark.parametrize("wrong", REFUSALS)
def test_a_refusal_is_one_sentence_without_the_token(
    commands: Commands, cluster: Cluster, wrong: str
) -> None:
    answer, sentence = REFUSALS[wrong]
    cluster.has(DEPLOYMENTS, deployment("shop"))
    cluster.instead = lambda number: answer if number == 2 else None

    done = commands.run("resync", "dora-workloads")

    assert (done.returncode, done.stderr) == (1, sentence)
    assert TOKEN not in done.stderr


def test_another_servers_certificate_is_not_trusted(
    commands: Commands, cluster: Cluster, sink: Sink, account: Path, tmp_path: Path
) -> None:
    import certifi  # noqa: PLC0415 - what requests trusts by itself

    other = tmp_path / "account"
    shutil.copytree(account, other)
    shutil.copy(certifi.where(), other / "ca.crt")
    commands.environment["SERVICE_ACCOUNT"] = str(other)

    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 1
    assert done.stderr.endswith("does not show a certificate that the account trusts\n")
    assert cluster.asked == []
    assert sink.bodies == []


def test_outside_of_a_pod_it_says_what_is_missing(commands: Commands) -> None:
    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 1
    assert done.stderr == "expected KUBERNETES_SERVICE_HOST and _PORT, which a pod has\n"


def test_what_the_broker_refuses_lets_the_job_fail_so_that_it_comes_again(
    commands: Commands, cluster: Cluster, sink: Sink
) -> None:
    cluster.has(DEPLOYMENTS, deployment("large"), deployment("shop"))
    sink.answer = lambda number: (413, "too large") if number == 0 else (202, "")

    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 1
    assert "Deployment large was refused: 413 too large" in done.stderr
    assert done.stderr.splitlines()[-1] == "2 workloads seen, 1 sent, 1 refused"
    assert names(sink) == ["shop"]


def test_the_sink_is_the_sources_own_where_nobody_says_another(
    commands: Commands, cluster: Cluster, sink: Sink
) -> None:
    del commands.environment["K_SINK"]
    cluster.source["status"]["sinkUri"] = sink.url
    cluster.has(DEPLOYMENTS, deployment("shop"))

    done = commands.run("resync", "dora-workloads")

    assert done.returncode == 0, done.stderr
    assert names(sink) == ["shop"]
