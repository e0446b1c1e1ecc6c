"""Who may send a webhook, by known answers and by what a forger would try."""

from __future__ import annotations

import ast
import base64
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.datastructures import Headers

from dora.tools import signatures
from dora.tools.signatures import (
    has_token,
    is_bitbucket,
    is_circleci,
    is_flux,
    is_gitea,
    is_github,
    is_gitlab,
    is_jira,
    is_pagerduty,
    is_sentry,
    is_standard_webhook,
)

if TYPE_CHECKING:
    from dora.tools.signatures import Check

# https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
GITHUB_SECRET, GITHUB_BODY = "It's a Secret to Everybody", b"Hello, World!"
GITHUB_DIGEST = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
# Worked out with `openssl dgst -sha256 -hmac pagerduty-secret`. The longer answer that is known of
# PagerDuty, in webhookv3_test.go of its own client for Go, is right here too.
PAGERDUTY_BODY = b'{"event":{"id":"01ABC","event_type":"incident.triggered"}}'
PAGERDUTY_DIGEST = "2103e19ecf0952325c3b1f182777ab07b8798ffc0d4cb07997ca483244cb25c1"
# https://github.com/standard-webhooks/standard-webhooks, the test vector of its libraries
STANDARD_SECRET, STANDARD_BODY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
STANDARD_SENT = 1614265330
STANDARD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(STANDARD_SENT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
BODY = b'{"a": 1}'


def digest(secret: str) -> str:
    return signatures.hex_digest(secret, BODY)


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


# source → (check, what a sender with the secret `new` shows)
SENDERS: dict[str, tuple[Check, dict[str, str]]] = {
    "github": (is_github, {"X-Hub-Signature-256": f"sha256={digest('new')}"}),
    "flux": (is_flux, {"X-Signature": f"sha256={digest('new')}"}),
    "jira": (is_jira, {"X-Hub-Signature": f"sha256={digest('new')}"}),
    "pagerduty": (is_pagerduty, {"X-PagerDuty-Signature": f"v1={digest('new')}"}),
    "bitbucket": (is_bitbucket, {"X-Hub-Signature": f"sha256={digest('new')}"}),
    "sentry": (is_sentry, {"Sentry-Hook-Signature": digest("new")}),
    "circleci": (is_circleci, {"circleci-signature": f"v1={digest('new')}"}),
    "gitea": (is_gitea, {"X-Gitea-Signature": digest("new")}),
    "gitlab's token": (is_gitlab, {"X-Gitlab-Token": "new"}),
    "a bearer token": (has_token, {"Authorization": "Bearer new"}),
    "basic auth": (has_token, basic("anyone", "new")),
    "a bare token": (has_token, {"Authorization": "new"}),
}
TOKENS = ("gitlab's token", "a bearer token", "basic auth", "a bare token")
SIGNED = {name: sender for name, sender in SENDERS.items() if name not in TOKENS}
each_sender = pytest.mark.parametrize(("check", "shown"), SENDERS.values(), ids=SENDERS)
each_signed = pytest.mark.parametrize(("check", "shown"), SIGNED.values(), ids=SIGNED)


def standard(headers: dict[str, str] = STANDARD, body: bytes = STANDARD_BODY) -> bool:
    return is_standard_webhook(Headers(headers), body, [STANDARD_SECRET], now=STANDARD_SENT)


def test_githubs_known_answer() -> None:
    shown = Headers({"X-Hub-Signature-256": f"sha256={GITHUB_DIGEST}"})

    assert is_github(shown, GITHUB_BODY, [GITHUB_SECRET])


def test_pagerdutys_known_answer_among_several() -> None:
    shown = Headers({"X-PagerDuty-Signature": f"v1={'0' * 64}, v1={PAGERDUTY_DIGEST}"})

    assert is_pagerduty(shown, PAGERDUTY_BODY, ["pagerduty-secret"])


# Each worked out with `printf BODY | openssl dgst -sha256 -hmac SECRET`, but where it says another.
KNOWN: dict[str, tuple[Check, str, str, bytes, str]] = {
    "sentry": (
        is_sentry,
        "Sentry-Hook-Signature",
        "sentry-secret",
        b'{"action":"resolved"}',
        "0edcdf23ec5c0885c9ce4338d426c5e340401a74aef9d0aedbe48d9768e502aa",
    ),
    # https://circleci.com/docs/webhooks/
    "circleci": (
        is_circleci,
        "circleci-signature",
        "secret",
        b"hello world",
        "v1=734cc62f32841568f45715aeb9f4d7891324e6d948e4c6c60c0621cdac48623a",
    ),
    # https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/
    "bitbucket": (
        is_bitbucket,
        "X-Hub-Signature",
        "It's a Secret to Everybody",
        b"Hello World!",
        "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
    ),
    "gitea": (
        is_gitea,
        "X-Gitea-Signature",
        "gitea-secret",
        b'{"ref":"refs/heads/main"}',
        "6aab54046b413afedbc6d4ff0d3b4fd694c1af82c19c0be7ee9b80438b90223d",
    ),
}


@pytest.mark.parametrize("tool", KNOWN)
def test_a_known_answer_is_right(tool: str) -> None:
    check, header, secret, body, answer = KNOWN[tool]

    assert check(Headers({header: answer}), body, [secret])


def test_the_standard_webhooks_known_answer() -> None:
    assert standard()


@each_sender
def test_who_knows_the_secret_may_send(check: Check, shown: dict[str, str]) -> None:
    assert check(Headers(shown), BODY, ["new"])


@each_sender
def test_while_secrets_change_the_old_one_and_the_new_one_are_right(
    check: Check, shown: dict[str, str]
) -> None:
    assert check(Headers(shown), BODY, ["newer", "new"])
    assert check(Headers(shown), BODY, ["new", "newer"])


@each_sender
def test_another_secret_is_wrong(check: Check, shown: dict[str, str]) -> None:
    assert not check(Headers(shown), BODY, ["old"])


@each_sender
def test_without_a_secret_nobody_may_send(check: Check, shown: dict[str, str]) -> None:
    assert not check(Headers(shown), BODY, [])


@each_sender
def test_without_the_header_nobody_may_send(check: Check, shown: dict[str, str]) -> None:
    assert shown
    assert not check(Headers(), BODY, ["new"])


@each_sender
def test_an_empty_header_is_wrong(check: Check, shown: dict[str, str]) -> None:
    assert not check(Headers(dict.fromkeys(shown, "")), BODY, ["new"])


@each_sender
def test_what_is_no_ascii_is_wrong_and_no_bug(check: Check, shown: dict[str, str]) -> None:
    assert not check(
        Headers({name: f"{value}é\udcff" for name, value in shown.items()}), BODY, ["é"]
    )


@each_signed
def test_a_body_changed_by_one_byte_is_wrong(check: Check, shown: dict[str, str]) -> None:
    for place in range(len(BODY)):
        changed = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]

        assert not check(Headers(shown), changed, ["new"])


def test_the_sha1_that_github_also_sends_is_not_enough() -> None:
    assert not is_github(Headers({"X-Hub-Signature": "sha1=0"}), BODY, ["new"])


def test_a_secret_in_another_alphabet_is_right_when_it_comes_as_utf_8() -> None:
    as_wsgi_reads_it = "Bearer пароль".encode().decode("latin-1")

    assert has_token(Headers({"Authorization": as_wsgi_reads_it}), BODY, ["пароль"])


def test_a_secret_with_a_user_is_only_that_users() -> None:
    assert has_token(Headers(basic("ada", "new")), BODY, ["ada:new"])
    assert not has_token(Headers(basic("bob", "new")), BODY, ["ada:new"])


@pytest.mark.parametrize("credentials", ["", "%%%", "bm9uZQ==", "w6k="])
def test_basic_auth_that_cannot_be_read_is_wrong(credentials: str) -> None:
    assert not has_token(Headers({"Authorization": f"Basic {credentials}"}), BODY, ["new"])


def test_gitlabs_signature_is_right_with_the_signing_secret() -> None:
    sent = str(int(time.time()))
    signed = f"m1.{sent}.".encode() + BODY
    signature = signatures._standard_digest(STANDARD_SECRET, signed)
    shown = {"webhook-id": "m1", "webhook-timestamp": sent, "webhook-signature": f"v1,{signature}"}

    assert is_gitlab(Headers(shown), BODY, ["a-token", STANDARD_SECRET])
    assert not is_gitlab(Headers(shown), BODY, ["a-token"])


def test_gitlabs_signing_secret_is_no_token() -> None:
    shown = Headers({"X-Gitlab-Token": STANDARD_SECRET})

    assert not is_gitlab(shown, BODY, [STANDARD_SECRET])


def test_a_standard_webhook_may_have_several_signatures() -> None:
    both = f"v1,{'A' * 43}= {STANDARD['webhook-signature']}"

    assert standard(STANDARD | {"webhook-signature": both})


@pytest.mark.parametrize("late", [-301, 301, 86_400])
def test_a_standard_webhook_sent_again_long_after_is_wrong(late: int) -> None:
    now = STANDARD_SENT + late

    assert not is_standard_webhook(Headers(STANDARD), STANDARD_BODY, [STANDARD_SECRET], now=now)


@pytest.mark.parametrize("name", STANDARD)
def test_a_standard_webhook_with_another_header_is_wrong(name: str) -> None:
    assert not standard(STANDARD | {name: STANDARD[name][:-1] + "1"})
    assert not standard(STANDARD | {name: ""})
    assert not standard(STANDARD | {name: "²" * 5})


def test_a_standard_webhook_with_another_body_is_wrong() -> None:
    assert not standard(body=STANDARD_BODY + b" ")


def test_every_comparison_takes_the_same_time_by_construction() -> None:
    tree = ast.parse(Path(signatures.__file__).read_text())
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    compares = ast.unparse(functions["_is_one_of"])
    checks = [name for name in functions if name.startswith(("is_", "has_"))]

    assert "hmac.compare_digest(" in compares
    assert not any(isinstance(node, ast.Compare) for node in ast.walk(functions["_is_signed"]))
    for name in checks:
        calls = ast.unparse(functions[name])
        assert "_is_one_of(" in calls or "_is_signed(" in calls
        # What is compared otherwise is the scheme's name and the clock, never a secret.
        others = [
            ast.unparse(one) for one in ast.walk(functions[name]) if isinstance(one, ast.Compare)
        ]
        assert set(others) <= {
            "scheme.lower() == 'bearer'",
            "scheme.lower() == 'basic'",
            "headers.get('X-Event-Key') == BITBUCKET_TEST",
            "now is None",
            "abs(now - int(sent[:15])) <= REPLAY_SECONDS",
        }
