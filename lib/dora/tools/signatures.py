"""Who sent a webhook: what a sender shows, compared with what each secret makes of the request.

A secret is one of several, so that an old one stays valid while a new one is brought in. Every
comparison is `hmac.compare_digest`, whose time does not say where two texts differ.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
https://docs.gitlab.com/user/project/integrations/webhooks/
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
https://developer.pagerduty.com/docs/verifying-webhook-signatures
https://circleci.com/docs/webhooks/
https://docs.gitea.com/usage/webhooks
https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/
https://docs.sentry.io/organization/integrations/integration-platform/webhooks/
https://fluxcd.io/flux/components/notification/providers/#generic-webhook-with-hmac
"""

from __future__ import annotations

import base64
import binascii
import hmac
import itertools
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from werkzeug.datastructures import Headers

    Secrets = Iterable[str]
    Check = Callable[[Headers, bytes, Secrets], bool]

BITBUCKET_TEST = "diagnostics:ping"
SIGNING = "whsec_"
REPLAY_SECONDS = 300


def hex_digest(secret: str, body: bytes) -> str:
    """Return the HMAC-SHA256 of a body in hexadecimal, as GitHub, PagerDuty, Flux and Jira send it."""
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


def is_github(headers: Headers, body: bytes, secrets: Secrets) -> bool:
    """Return whether GitHub signed the body; never by the SHA-1 that it also sends."""
    return _is_signed(headers, "X-Hub-Signature-256", body, secrets)


def is_gitea(headers: Headers, body: bytes, secrets: Secrets) -> bool:
    """Return whether Gitea or Forgejo signed the body."""
    return _is_signed(headers, "X-Gitea-Signature", body, secrets, before="")


def is_bitbucket(headers: Headers, body: bytes, secrets: Secrets) -> bool:
    """Return whether Bitbucket signed the body; Data Center's test, of which nothing becomes, is not."""
    is_test = headers.get("X-Event-Key") == BITBUCKET_TEST
    return _is_signed(headers, "X-Hub-Signature", body, secrets) or is_test


def is_sentry(headers: Headers, body: bytes, secrets: Secrets) -> bool:
    """Return whether Sentry signed the body."""
    return _is_signed(headers, "Sentry-Hook-Signature", body, secrets, before="")


def is_flux(headers: Headers, body: bytes, secrets: Secrets) -> bool:
    """Return whether Flux (provider `generic-hmac`) signed the body."""
    return _is_signed(headers, "X-Signature", body, secrets)


def is_jira(headers: Headers, body: bytes, secrets: Secrets) -> bool:
    """Return whether Jira signed the body, or an automation rule of it shows a secret."""
    signed = _is_signed(headers, "X-Hub-Signature", body, secrets)
    return signed or has_token(headers, body, secrets)


def is_pagerduty(headers: Headers, body: bytes, secrets: Secrets) -> bool:
    """Return whether one of PagerDuty's signatures is right; it sends one for each of its secrets."""
    return _is_signed(headers, "X-PagerDuty-Signature", body, secrets, before="v1=")


def is_circleci(headers: Headers, body: bytes, secrets: Secrets) -> bool:
    """Return whether CircleCI's signature of the first version is right; there is no other yet."""
    return _is_signed(headers, "circleci-signature", body, secrets, before="v1=")


def is_gitlab(headers: Headers, body: bytes, secrets: Secrets) -> bool:
    """Return whether GitLab signed the body, or shows the secret token.

    A secret that begins with `whsec_` signs and is never sent; every other one is a token.
    """
    signing = [secret for secret in secrets if secret.startswith(SIGNING)]
    tokens = [secret for secret in secrets if not secret.startswith(SIGNING)]
    token = headers.get("X-Gitlab-Token", "")
    return is_standard_webhook(headers, body, signing) or _is_one_of([token], tokens)


def is_standard_webhook(
    headers: Headers, body: bytes, secrets: Secrets, now: float | None = None
) -> bool:
    """Return whether a Standard Webhook is signed, and not sent again long after (by `now`)."""
    sent, message = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
    now = time.time() if now is None else now
    is_recent = sent.isdecimal() and abs(now - int(sent[:15])) <= REPLAY_SECONDS
    signed = b"%s.%s.%s" % (_bytes(message), _bytes(sent), body)
    expected = [f"v1,{_standard_digest(secret, signed)}" for secret in secrets]
    return _is_one_of(headers.get("webhook-signature", "").split(" "), expected) and is_recent


def has_token(headers: Headers, _body: bytes, secrets: Secrets) -> bool:
    """Return whether the sender shows a secret: as bearer token, basic auth or the whole header.

    Basic auth is right with a secret `user:password`, or with a secret as the password of anyone.
    """
    given = headers.get("Authorization", "")
    scheme, _, credentials = given.partition(" ")
    if scheme.lower() == "bearer":
        return _is_one_of([credentials.strip()], secrets)
    if scheme.lower() == "basic":
        pair = _decoded(credentials.strip())
        return _is_one_of([pair, pair.partition(":")[2]], secrets)
    return _is_one_of([given], secrets)


def _is_signed(
    headers: Headers, name: str, body: bytes, secrets: Secrets, before: str = "sha256="
) -> bool:
    expected = [f"{before}{hex_digest(secret, body)}" for secret in secrets]
    given = headers.get(name, "").split(",")  # some send one for each of their secrets
    return _is_one_of([signature.strip() for signature in given], expected)


def _is_one_of(given: Iterable[str], expected: Iterable[str]) -> bool:
    # All are compared, so that the time does not say which one was right either.
    pairs = itertools.product(given, expected)
    return sum(hmac.compare_digest(_bytes(one), other.encode()) for one, other in pairs) > 0


def _bytes(header: str) -> bytes:
    """Return a header's bytes; WSGI reads them as Latin-1."""
    return header.encode("latin-1", "replace")


def _standard_digest(secret: str, signed: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(SIGNING), validate=True)
    except binascii.Error:
        key = secret.encode()
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def _decoded(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
