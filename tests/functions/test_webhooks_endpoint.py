"""Plain webhooks, each as its tool sends it, to a sink that listens at a real port."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from dora import sink
from dora.tools import signatures
from dora.tools.shapes import SHAPES
from tests.broker.stand import Answer, Subscriber
from tests.conftest import FUNCTIONS, Functions, load
from tests.events import cdevent, cloudevent

SOURCES = load(FUNCTIONS["webhooks-endpoint"].folder).SOURCES
SECRET = "s3cret"  # noqa: S105 - of these tests only
BODY = b'{"action": "opened", "repository": {"html_url": "https://github.com/acme/shop"}}'
BEARER = {"Authorization": "Bearer s3cret", "content_type": "application/json"}
PUSH = {
    "ref": "refs/heads/main",
    "compare": "https://github.com/acme/shop/compare/aaaa...bbbb",
    "repository": {
        "name": "shop",
        "html_url": "https://github.com/acme/shop",
        "owner": {"login": "acme"},
    },
    "sender": {"login": "ada"},
}
ALERT = {
    "status": "firing",
    "labels": {"alertname": "ShopDown"},
    "annotations": {},
    "startsAt": "2026-03-02T10:30:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "fingerprint": "c0ffee",
}
CORRECTION = {
    "deployment": {"id": "d1"},
    "failed": False,
    "by": "ada",
    "because": "a false alarm",
    "time": "2026-03-02T12:00:00Z",
}


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Subscriber]:
    """A sink that takes everything, and a secret for every tool."""
    subscriber = Subscriber(Answer(202))
    monkeypatch.setenv("K_SINK", subscriber.url)
    for source in SOURCES:
        monkeypatch.setenv(variable_of(source), "s3cret")
    yield subscriber
    sink.close()
    subscriber.close()


def variable_of(source: str) -> str:
    """Return the name of the variable that has a tool's secrets."""
    return f"WEBHOOK_{source.upper().replace('-', '_')}_SECRETS"


def signed(source: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    """Return the headers by which a tool shows who it is."""
    digest = signatures.hex_digest(secret, body)
    if source == "incident-io":
        return as_svix_signs(body, secret)
    return {
        "github": {"X_Hub_Signature_256": f"sha256={digest}", "X_GitHub_Event": "issues"},
        "gitlab": {"X_Gitlab_Token": secret, "X_Gitlab_Event": "Push Hook"},
        "pagerduty": {"X_PagerDuty_Signature": f"v1={digest}"},
        "flux": {"X_Signature": f"sha256={digest}"},
        "jira": {"X_Hub_Signature": f"sha256={digest}"},
        "sentry": {"Sentry_Hook_Signature": digest, "Sentry_Hook_Resource": "issue"},
        "circleci": {"circleci_signature": f"v1={digest}"},
        "bitbucket": {"X_Hub_Signature": f"sha256={digest}", "X_Event_Key": "repo:push"},
        "gitea": {"X_Gitea_Signature": digest, "X_Gitea_Event": "push"},
    }.get(source, {"Authorization": f"Bearer {secret}"})


def as_svix_signs(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers of a Standard Webhook that is sent now."""
    sent = str(int(time.time()))
    digest = hmac.digest(secret.encode(), f"m1.{sent}.".encode() + body, "sha256")
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook_id": "m1", "webhook_timestamp": sent, "webhook_signature": signature}


def deliver(function: Functions, source: str, payload: Any, **headers: str) -> TestResponse:
    """Send a webhook as its tool would."""
    body = json.dumps(payload).encode()
    shown = signed(source, body) | {"content_type": "application/json"} | headers
    return function("webhooks-endpoint").post(body, f"/{source}", **shown)


def told(broker: Subscriber) -> list[dict[str, Any]]:
    """Return the events that the Broker has got, without the moment at which they came."""
    events = [json.loads(body) for body in broker.bodies]
    return [{name: value for name, value in event.items() if name != "time"} for event in events]


def payload_of(source: str) -> dict[str, Any]:
    own: dict[str, dict[str, Any]] = {
        "pagerduty": {"event": {"id": "01ABC", "event_type": "incident.triggered"}},
        "alertmanager": {"alerts": [ALERT]},
        "argocd": {"app": {"metadata": {"name": "shop"}}},
        "flux": {"involvedObject": {"kind": "Kustomization"}},
        "harbor": {"event_data": {"resources": [{}]}},
        "jenkins": {"build": {"phase": "STARTED"}},
        "jira": {"webhookEvent": "jira:issue_created"},
        "azure-devops": {"eventType": "git.push"},
        "circleci": {"type": "ping"},
        "datadog": {"alert_transition": "Triggered"},
        "incident-io": {"event_type": "public_incident.incident_created_v2"},
        "octopus-deploy": {"Payload": {"Event": {"Category": "DeploymentSucceeded"}}},
        "opsgenie": {"action": "Create"},
        "servicenow": {"operation": "insert"},
        "github": {"issue": {"number": 7}},
        "gitlab": {"ref": "refs/heads/main"},
        "gitea": {"ref": "refs/heads/main"},
        "bitbucket": {"push": {"changes": []}},
        "sentry": {"data": {"issue": {"id": "1"}}},
        "correction": CORRECTION,
        "generic": cdevent(),
    }
    return own.get(source, {"hello": "world"})


@pytest.mark.parametrize("source", SOURCES)
def test_a_signed_webhook_is_taken_once_the_broker_has_it(
    function: Functions, broker: Subscriber, source: str
) -> None:
    answer = deliver(function, source, payload_of(source))

    assert (answer.status_code, answer.text) == (202, "")
    assert len(broker.bodies) == 1


KNOWN_BY_SHAPE = {shape.partition(".")[0] for shape in SHAPES} & {*SOURCES} - {"alertmanager"}


@pytest.mark.parametrize("source", sorted(KNOWN_BY_SHAPE))
def test_what_nothing_becomes_of_is_kept_and_the_sender_reads_why(
    function: Functions, broker: Subscriber, source: str
) -> None:
    answer = deliver(function, source, {"event": {"id": "1"}})

    assert answer.status_code == 202
    assert answer.text.startswith("kept; nothing became of it: expected ")
    assert len(broker.bodies) == 1


def test_a_kind_of_event_that_means_nothing_is_kept_and_the_sender_reads_which_do(
    function: Functions, broker: Subscriber
) -> None:
    answer = deliver(function, "github", {"zen": "Keep it simple."}, X_GitHub_Event="ping")

    assert answer.status_code == 202
    assert answer.text.startswith("kept; nothing became of it: expected one of push, pull_request,")
    assert answer.text.endswith(", got ping")
    assert len(broker.bodies) == 1


def test_a_report_of_no_alert_says_that_it_reports_nothing(
    function: Functions, broker: Subscriber
) -> None:
    answer = deliver(function, "alertmanager", {"alerts": []})

    assert (answer.status_code, answer.text) == (202, "nothing became of it: it reports nothing")
    assert broker.bodies == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"context": {"type": "dev.cdevents.service.exploded.0.1.0"}}, "is not a CDEvents type"),
        ({"subject": {"id": "shop", "content": {}}}, "subject.content.environment"),
        ({"context": None}, "context.type"),
    ],
)
def test_what_would_become_no_valid_cdevent_is_400_with_the_sentence(
    function: Functions, broker: Subscriber, change: dict[str, Any], sentence: str
) -> None:
    answer = deliver(function, "generic", cdevent() | change)

    assert answer.status_code == 400
    assert sentence in answer.text
    assert broker.bodies == []


@pytest.mark.parametrize("source", SOURCES)
def test_told_again_it_has_the_same_id(
    function: Functions, broker: Subscriber, source: str
) -> None:
    deliver(function, source, payload_of(source))
    deliver(function, source, payload_of(source))

    first, second = told(broker)
    assert first == second


@pytest.mark.parametrize("source", SOURCES)
def test_with_a_wrong_secret_it_is_401_and_nothing_more(
    function: Functions, broker: Subscriber, source: str
) -> None:
    wrong = signed(source, BODY, "another")

    answer = function("webhooks-endpoint").post(BODY, f"/{source}", **wrong)

    assert (answer.status_code, answer.text) == (401, "")
    assert broker.bodies == []


@pytest.mark.parametrize("source", SOURCES)
def test_unsigned_it_is_401(function: Functions, broker: Subscriber, source: str) -> None:
    answer = function("webhooks-endpoint").post(BODY, f"/{source}")

    assert (answer.status_code, answer.text) == (401, "")
    assert broker.bodies == []


@pytest.mark.parametrize("source", SOURCES)
def test_nobody_speaks_for_another_tool(
    function: Functions, broker: Subscriber, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    for one in SOURCES:
        monkeypatch.setenv(variable_of(one), f"secret-of-{one}")
    others = [other for other in SOURCES if other != source]

    for other in others:
        shown = signed(source, BODY, f"secret-of-{other}") | signed(
            other, BODY, f"secret-of-{other}"
        )
        assert function("webhooks-endpoint").post(BODY, f"/{source}", **shown).status_code == 401
    assert broker.bodies == []


@pytest.mark.parametrize(
    "source", ["datadog", "opsgenie", "octopus-deploy", "azure-devops", "servicenow", "circleci"]
)
def test_who_sends_no_cloudevents_cannot_send_those_of_another(
    function: Functions, broker: Subscriber, source: str
) -> None:
    event = cloudevent(type="dev.knative.source.github.push")
    shown = {f"ce_{name}": value for name, value in event.items() if name != "data"}

    deliver(function, source, {"a": 1}, **shown)
    deliver(function, source, event, content_type="application/cloudevents+json")

    types = {told_event["type"] for told_event in told(broker)}
    assert types == {f"dev.dora.webhooks.{source}"}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("secrets", ["", " ", ",", "\n,\n"])
def test_where_no_secret_is_set_nobody_may_send(
    function: Functions,
    broker: Subscriber,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    secrets: str,
) -> None:
    variable = variable_of(source)
    monkeypatch.setenv(variable, secrets)

    answer = deliver(function, source, payload_of(source))

    assert answer.status_code == 503
    assert answer.text == f"expected {variable} to be set before {source} may send webhooks"
    assert broker.bodies == []


@pytest.mark.parametrize("secrets", ["s3cret,old", "old\ns3cret\n", " old , s3cret "])
def test_several_secrets_are_right_at_once(
    function: Functions, broker: Subscriber, monkeypatch: pytest.MonkeyPatch, secrets: str
) -> None:
    monkeypatch.setenv("WEBHOOK_GITHUB_SECRETS", secrets)

    assert broker
    for secret in ("s3cret", "old"):
        shown = signed("github", BODY, secret)
        assert function("webhooks-endpoint").post(BODY, "/github", **shown).status_code == 202


def test_a_broker_that_is_away_is_worth_another_try(
    function: Functions, broker: Subscriber, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    monkeypatch.setenv("K_SINK", nobody)

    answer = deliver(function, "generic", cdevent())

    assert broker
    assert (answer.status_code, answer.text) == (503, "the Broker is away")


@pytest.mark.parametrize(("status", "answered"), [(503, 503), (429, 503), (400, 400)])
def test_what_the_broker_answers_is_passed_on(
    function: Functions,
    broker: Subscriber,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    answered: int,
) -> None:
    other = Subscriber(Answer(status))
    monkeypatch.setenv("K_SINK", other.url)

    answer = deliver(function, "generic", cdevent())

    assert broker
    assert answer.status_code == answered
    assert str(status) in answer.text
    sink.close()
    other.close()


@pytest.mark.parametrize(
    "path", ["/", "/gerrit", "/github/", "/github/x", "/GITHUB", "/ge%6eeric/"]
)
def test_an_unknown_path_is_404(function: Functions, broker: Subscriber, path: str) -> None:
    answer = function("webhooks-endpoint").post(BODY, path, **BEARER)

    assert broker
    assert answer.status_code == 404
    assert answer.text.startswith("expected one of the paths /github, /gitlab, ")


def test_get_is_405(function: Functions) -> None:
    answer = function("webhooks-endpoint").get("/github")

    assert (answer.status_code, answer.text) == (405, "expected POST, got GET")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff", b'{"n": NaN}', b"[" * 100_000, b"9" * 5000],
    ids=["empty", "broken", "list", "null", "text", "bytes", "NaN", "nested", "number"],
)
@pytest.mark.parametrize("source", SOURCES)
def test_a_body_that_is_no_json_object_is_400(
    function: Functions, broker: Subscriber, source: str, body: bytes
) -> None:
    shown = signed(source, body) | {"content_type": "application/json"}

    answer = function("webhooks-endpoint").post(body, f"/{source}", **shown)

    assert answer.status_code == 400
    assert answer.text.startswith("expected ")
    assert broker.bodies == []


def test_five_mebibytes_are_taken_and_a_byte_more_is_413(
    function: Functions, broker: Subscriber
) -> None:
    limit = 5 * 1024 * 1024
    body = b'{"a": "' + b"x" * (limit - 9) + b'"}'

    taken = function("webhooks-endpoint").post(body, "/jenkins", **BEARER)
    refused = function("webhooks-endpoint").post(body + b" ", "/jenkins", **BEARER)

    assert (taken.status_code, refused.status_code) == (202, 413)
    assert len(broker.bodies) == 1


def test_githubs_event_is_as_knatives_source_would_make_it(
    function: Functions, broker: Subscriber
) -> None:
    deliver(function, "github", PUSH, X_GitHub_Event="push", X_GitHub_Delivery="d-1")

    assert told(broker) == [
        {
            "specversion": "1.0",
            "id": "d-1",
            "source": "https://github.com/acme/shop",
            "type": "dev.knative.source.github.push",
            "subject": "aaaa...bbbb",
            "datacontenttype": "application/json",
            "owner": "acme",
            "repository": "shop",
            "sender": "ada",
            "wayin": "webhooks/github",
            "data": PUSH,
        }
    ]


@pytest.mark.parametrize(
    ("kind", "part", "subject"),
    [
        ("pull_request", {"pull_request": {"number": 12}}, "12"),
        ("issues", {"issue": {"number": 7}}, "7"),
        ("deployment_status", {"deployment": {"id": 501}}, "501"),
        ("release", {"release": {"tag_name": "v1"}}, "v1"),
        ("issues", {"issue": None}, None),
        ("issues", {"issue": {"number": [7]}}, None),
        ("ping", {"hook_id": 1}, None),
    ],
)
def test_githubs_event_says_what_it_is_about(
    function: Functions, broker: Subscriber, kind: str, part: dict[str, Any], subject: str | None
) -> None:
    deliver(function, "github", PUSH | part, X_GitHub_Event=kind)

    assert [event.get("subject") for event in told(broker)] == [subject]


def test_github_may_send_a_form(function: Functions, broker: Subscriber) -> None:
    body = urlencode({"payload": json.dumps({"zen": "Keep it & simple = ü"})}).encode()
    shown = signed("github", body) | {"content_type": "application/x-www-form-urlencoded"}

    answer = function("webhooks-endpoint").post(body, "/github", **shown)

    assert answer.status_code == 202
    assert [event["data"] for event in told(broker)] == [{"zen": "Keep it & simple = ü"}]


@pytest.mark.parametrize("kind", ["", "a/b", "ü", "x" * 2000 + "/"])
def test_an_event_without_a_usable_name_is_400(
    function: Functions, broker: Subscriber, kind: str
) -> None:
    assert deliver(function, "github", {}, X_GitHub_Event=kind).status_code == 400
    assert broker.bodies == []


def test_gitlabs_event_is_as_knatives_source_would_make_it(
    function: Functions, broker: Subscriber
) -> None:
    payload = {"project": {"web_url": "https://gitlab.com/acme/shop"}}
    header = "Confidential Issue Hook"

    deliver(function, "gitlab", payload, X_Gitlab_Event=header, Idempotency_Key="k-1")

    assert told(broker) == [
        {
            "specversion": "1.0",
            "id": "k-1",
            "source": "https://gitlab.com/acme/shop",
            "type": "dev.knative.sources.gitlab.confidential_issue",
            "comgitlabevent": header,
            "datacontenttype": "application/json",
            "wayin": "webhooks/gitlab",
            "data": payload,
        }
    ]


def test_gitlabs_webhooks_that_one_event_caused_have_ids_of_their_own(
    function: Functions, broker: Subscriber
) -> None:
    for payload in ({"a": 1}, {"a": 2}):
        deliver(function, "gitlab", payload, X_Gitlab_Event_UUID="u-1")

    first, second = told(broker)
    assert first["id"] != second["id"]


# Who says in a header what happened → header, what it says, the type.
NAMED = {
    "sentry": ("Sentry_Hook_Resource", "metric_alert", "dev.dora.webhooks.sentry.metric_alert"),
    "bitbucket": ("X_Event_Key", "repo:push", "dev.dora.webhooks.bitbucket.repo.push"),
    "gitea": ("X_Gitea_Event", "pull_request", "dev.dora.webhooks.gitea.pull_request"),
}


@pytest.mark.parametrize("source", NAMED)
def test_what_a_header_says_that_happened_is_in_the_type(
    function: Functions, broker: Subscriber, source: str
) -> None:
    header, kind, type_ = NAMED[source]

    for name in (kind, kind, "another"):
        deliver(function, source, {"a": 1}, **{header: name})
    assert deliver(function, source, {"a": 1}, **{header: "a/b"}).status_code == 400

    first, again, other = told(broker)
    assert (first["type"], first["source"]) == (type_, f"/webhooks/{source}")
    assert first == again
    assert first["id"] != other["id"]


def test_sentrys_event_has_the_time_that_a_header_says(
    function: Functions, broker: Subscriber
) -> None:
    deliver(function, "sentry", {"action": "resolved"}, Sentry_Hook_Timestamp="1772449200")

    [event] = told(broker)
    assert event["data"] == {"action": "resolved", "sentryHookTimestamp": "1772449200"}


def test_the_test_of_a_connection_that_data_center_leaves_unsigned_is_no_event(
    function: Functions, broker: Subscriber
) -> None:
    test = {"X_Event_Key": "diagnostics:ping", "content_type": "application/json"}

    answer = function("webhooks-endpoint").post(b'{"test": true}', "/bitbucket", **test)

    assert answer.status_code == 202
    assert broker.bodies == []


def test_pagerdutys_event_has_its_id(function: Functions, broker: Subscriber) -> None:
    deliver(function, "pagerduty", {"event": {"id": "01ABC"}})

    [event] = told(broker)
    assert event["id"] == "01ABC"
    assert event["type"] == "dev.dora.webhooks.pagerduty"


def test_each_alert_is_an_event_whatever_group_it_comes_in(
    function: Functions, broker: Subscriber
) -> None:
    other = ALERT | {"fingerprint": "beef"}
    resolved = ALERT | {"status": "resolved", "endsAt": "2026-03-02T11:00:00Z"}
    group = {"receiver": "dora", "externalURL": "http://alerts", "groupKey": "{}:{}"}

    deliver(function, "alertmanager", {"status": "firing", "alerts": [ALERT], **group})
    deliver(function, "alertmanager", {"status": "firing", "alerts": [other, ALERT], **group})
    deliver(function, "alertmanager", {"status": "resolved", "alerts": [resolved], **group})

    first, of_other, again, of_resolved = told(broker)
    assert first == again
    assert len({event["id"] for event in (first, of_other, of_resolved)}) == 3
    assert first["data"] == ALERT | group | {"groupStatus": "firing"}


@pytest.mark.parametrize("alerts", [[None], ["a"], [{}], [ALERT | {"fingerprint": None}]])
def test_a_broken_alert_is_400(function: Functions, broker: Subscriber, alerts: list[Any]) -> None:
    assert deliver(function, "alertmanager", {"alerts": alerts}).status_code == 400
    assert broker.bodies == []


@pytest.mark.parametrize("alerts", [[], None, "none"])
def test_no_alerts_are_no_events(function: Functions, broker: Subscriber, alerts: Any) -> None:
    assert deliver(function, "alertmanager", {"alerts": alerts}).status_code == 202
    assert broker.bodies == []


OWN = {
    "generic": ("dev.cdevents.service.deployed.0.3.0", "/my/pipeline"),
    "argocd": ("dev.dora.argocd.application", "/argocd/argocd/shop"),
    "harbor": ("harbor.artifact.pushed", "/projects/3/webhook/policies/7"),
    "jenkins": ("org.jenkinsci.job.completed", "job/Shop"),
}


@pytest.mark.parametrize("source", OWN)
def test_what_is_a_cloudevent_already_is_passed_on_as_it_is(
    function: Functions, broker: Subscriber, source: str
) -> None:
    kind, named = OWN[source]
    event = cloudevent(type=kind, source=named, subject="shop", extension="x")
    shown = {"Authorization": "Bearer s3cret"}
    client = function("webhooks-endpoint")

    client.post(
        json.dumps(event), f"/{source}", content_type="application/cloudevents+json", **shown
    )
    binary = {f"ce_{name}": value for name, value in event.items() if name != "data"}
    client.post(
        json.dumps(event["data"]), f"/{source}", content_type="application/json", **binary, **shown
    )

    structured_mode, binary_mode = (json.loads(body) for body in broker.bodies)
    assert structured_mode == event | {"wayin": f"webhooks/{source}"}
    assert {name: binary_mode[name] for name in event} == event


@pytest.mark.parametrize(
    "event",
    [
        "{",
        "[]",
        '{"id": 1}',
        json.dumps(cloudevent(specversion="2.0")),
        json.dumps(cloudevent(id="")),
    ],
)
def test_a_broken_cloudevent_is_400(function: Functions, broker: Subscriber, event: str) -> None:
    headers = BEARER | {"content_type": "application/cloudevents+json"}

    answer = function("webhooks-endpoint").post(event, "/generic", **headers)

    assert answer.status_code == 400
    assert answer.text.startswith("expected ")
    assert broker.bodies == []


def test_a_correction_is_the_cdevent_itself(function: Functions, broker: Subscriber) -> None:
    deliver(function, "correction", CORRECTION)

    [event] = told(broker)
    assert event["type"] == "dev.cdeventsx.dora-correction.created.0.1.0"
    assert (event["source"], event["subject"]) == ("/corrections", "d1")
    content = event["data"]["subject"]["content"]
    assert content == {name: part for name, part in CORRECTION.items() if name != "time"}
    assert event["data"]["context"]["timestamp"] == CORRECTION["time"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"by": None}, "subject.content.by: expected a string that is not empty, got null"),
        ({"failed": "no"}, "subject.content.failed: expected true or false or null, got 'no'"),
        ({"time": 5}, "context.timestamp: expected a date-time, got 5"),
        ({"deployment": {"id": ["d1"]}}, "expected a string that is not empty, got a list"),
    ],
)
def test_what_is_no_correction_is_400(
    function: Functions, broker: Subscriber, wrong: dict[str, Any], sentence: str
) -> None:
    answer = deliver(function, "correction", CORRECTION | wrong)

    assert answer.status_code == 400
    assert sentence in answer.text
    assert broker.bodies == []


def test_a_correction_that_is_nested_without_end_is_400(
    function: Functions, broker: Subscriber
) -> None:
    for depth in (500, 900, 2000, 20_000):
        body = b'{"deployment": {"id": "d1"}, "failed": ' + b"[" * depth + b"]" * depth + b"}"
        answer = function("webhooks-endpoint").post(body, "/correction", **BEARER)
        assert answer.status_code == 400
    assert broker.bodies == []


@pytest.mark.parametrize(("paths", "parts"), [(20, 6), (120, 3)])
def test_a_large_push_keeps_what_a_metric_needs_and_its_paths_where_they_fit(
    function: Functions, broker: Subscriber, paths: int, parts: int
) -> None:
    commit = {"timestamp": "2026-03-02T10:00:00Z", "author": {"name": "Ada"}, "message": "m" * 900}
    commit |= {"added": [f"src/{number:06}" for number in range(paths)]}
    commit |= {"modified": [], "removed": [], "url": "https://github.com/acme/shop/commit/1"}
    commits = [{"id": f"{number:040x}", **commit} for number in range(1, 1201)]

    deliver(function, "github", PUSH | {"commits": commits}, X_GitHub_Event="push")

    [event] = told(broker)
    kept = event["data"]["commits"]
    assert event["data"]["shortened"] is True
    assert [len(one) for one in kept] == [parts] * 1200
    assert kept[0]["author"] == {"name": "Ada"}
