"""Plain webhooks as CloudEvents: who may send them, what type and id each gets.

GitHub's and GitLab's become what Knative's GitHubSource and GitLabSource would make of them, so that
one transformer serves both ways in. An id stays the same when a webhook is delivered again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from cloudevents.http import CloudEvent

from dora.cdevents import carrier, event_id
from dora.cdevents.corrections import correction
from dora.errors import PermanentError, TemporaryError, UnauthorizedError
from dora.events import STRUCTURED, own_attributes, refuse_constant, require_event
from dora.tools.claims import require_claimed
from dora.tools.older_cdevents import renewed
from dora.tools.payloads import fields, get, listed, text, text_or_none
from dora.tools.shapes import kind_problem, problem, shape_of
from dora.tools.signatures import BITBUCKET_TEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug import Request

    from dora.context import Context
    from dora.tools.signatures import Check

    Make = Callable[[str, Context], list[CloudEvent]]

FORM = "application/x-www-form-urlencoded"
HEADER = re.compile(r"[\w :]+", re.ASCII)
# An event may have 1 MiB; the rest is for its attributes.
LARGE_BYTES = 1_000_000
COMMIT_PARTS = ("id", "timestamp", "author")
PATHS = ("added", "modified", "removed")
ALERT_IDENTITY = ("fingerprint", "startsAt", "status")
GITHUB = "https://github.com"
# GitHub's event → where its payload says what the event is about.
SUBJECTS = {
    "pull_request": ("pull_request", "number"),
    "issues": ("issue", "number"),
    "deployment_status": ("deployment", "id"),
    "release": ("release", "tag_name"),
    "workflow_run": ("workflow_run", "id"),
}


def require_sender(source: str, check: Check, request: Request) -> None:
    """Check that whoever knows one of the source's secrets sent this.

    Raises:
        TemporaryError: no secret is set, so nobody may send.
        UnauthorizedError: the sender knows none of them.
    """
    variable = f"WEBHOOK_{source.upper().replace('-', '_')}_SECRETS"
    secrets = [one.strip() for one in re.split("[,\n]", os.environ.get(variable, ""))]
    secrets = [one for one in secrets if one]
    if not secrets:
        raise TemporaryError(f"expected {variable} to be set before {source} may send webhooks")
    if not check(request.headers, request.get_data(), secrets):
        raise UnauthorizedError(f"a webhook for {source} without a valid signature or token")


def from_github(_source: str, context: Context) -> list[CloudEvent]:
    """Make the event that Knative's GitHubSource would make."""
    payload = _payload(context)
    kind, repository = _header(context, "X-GitHub-Event"), get(payload, "repository")
    attributes = {
        "type": f"dev.knative.source.github.{kind}",
        "source": text_or_none(repository, "html_url") or GITHUB,
        "id": context.request.headers.get("X-GitHub-Delivery") or _content_id("github", context),
        "subject": _github_subject(kind, payload),
        "owner": text_or_none(repository, "owner", "login"),
        "repository": text_or_none(repository, "name"),
        "sender": text_or_none(payload, "sender", "login"),
        "action": text_or_none(payload, "action"),
    }
    return [_event(attributes, _short(payload))]


def _github_subject(kind: str, payload: Any) -> str | None:
    if kind == "push":
        return (text_or_none(payload, "compare") or "").rpartition("/")[2] or None
    found = get(payload, *SUBJECTS[kind]) if kind in SUBJECTS else None
    return str(found) if isinstance(found, str | int) else None


def from_gitlab(_source: str, context: Context) -> list[CloudEvent]:
    """Make the event that Knative's GitLabSource would make, with an id that stays."""
    header, payload = _header(context, "X-Gitlab-Event"), _payload(context)
    name = header.removesuffix(" Hook").lower().replace(" ", "_")
    attributes = {
        "type": f"dev.knative.sources.gitlab.{name}",
        "source": text_or_none(payload, "project", "web_url") or "/webhooks/gitlab",
        "id": _gitlab_id(context),
        "comgitlabevent": header,
    }
    return [_event(attributes, _short(payload))]


def _gitlab_id(context: Context) -> str:
    headers = context.request.headers
    delivery = headers.get("Idempotency-Key") or headers.get("webhook-id")
    # Webhooks that another one caused share its UUID, so that alone is no id.
    return delivery or _content_id(f"gitlab {headers.get('X-Gitlab-Event-UUID')}", context)


def _short(payload: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a large push what no metric needs: an event has to fit through any Broker."""
    if _fits(payload) or not isinstance(payload.get("commits"), list):
        return payload
    short = _with_parts(payload, (*COMMIT_PARTS, *PATHS))
    return short if _fits(short) else _with_parts(payload, COMMIT_PARTS)


def _fits(payload: dict[str, Any]) -> bool:
    return len(json.dumps(payload)) <= LARGE_BYTES


def _with_parts(payload: dict[str, Any], parts: tuple[str, ...]) -> dict[str, Any]:
    """Return the payload with these parts of its commits only."""
    commits = [
        {name: value for name, value in fields(commit).items() if name in parts}
        for commit in payload["commits"]
    ]
    return payload | {"commits": commits, "shortened": True}


def from_pagerduty(source: str, context: Context) -> list[CloudEvent]:
    """Make an event with PagerDuty's own id."""
    payload = _payload(context)
    return [_own(source, text(payload, "event", "id"), payload)]


def from_alertmanager(source: str, context: Context) -> list[CloudEvent]:
    """Make an event of each alert: Alertmanager reports it again and again, in groups that change."""
    payload = _payload(context)
    group = {name: get(payload, name) for name in ("receiver", "externalURL", "groupKey")}
    group["groupStatus"] = get(payload, "status")
    return [
        _own(
            source, event_id(source, *(text(alert, name) for name in ALERT_IDENTITY)), alert | group
        )
        for alert in listed(payload, "alerts")
    ]


def from_any(source: str, context: Context) -> list[CloudEvent]:
    """Pass on what is a CloudEvent already; else make one with an id of its content."""
    if _claims_to_be_a_cloudevent(context):
        return [_cloudevent(context)]
    return from_plain(source, context)


def from_plain(source: str, context: Context) -> list[CloudEvent]:
    """Make an event with an id of its content, of a tool that sends no CloudEvents."""
    return [_own(source, _content_id(source, context), _payload(context))]


def by_header(name: str) -> Make:
    """Return what makes an event whose type says what this header calls it.

    GitHub's way, without events of Knative's own: `repo:push` is `dev.dora.webhooks.bitbucket.repo.push`.
    """

    def make(source: str, context: Context) -> list[CloudEvent]:
        kind = _header(context, name).replace(":", ".")
        payload = _short(_payload(context))
        return [_own(f"{source}.{kind}", _content_id(f"{source} {kind}", context), payload, source)]

    return make


def from_bitbucket(source: str, context: Context) -> list[CloudEvent]:
    """Make an event; the test of a connection, which anyone may send, is none."""
    is_test = context.request.headers.get("X-Event-Key") == BITBUCKET_TEST
    return [] if is_test else by_header("X-Event-Key")(source, context)


def from_sentry(source: str, context: Context) -> list[CloudEvent]:
    """Make an event with the time that a header says, since some of its payloads have none."""
    [event] = by_header("Sentry-Hook-Resource")(source, context)
    sent = context.request.headers.get("Sentry-Hook-Timestamp")
    return [CloudEvent(event.get_attributes(), event.data | {"sentryHookTimestamp": sent})]


def from_generic(source: str, context: Context) -> list[CloudEvent]:
    """Pass on a CDEvent as plain JSON, which has to become a valid one."""
    if _claims_to_be_a_cloudevent(context):
        return [_cloudevent(context)]
    meant = carrier(renewed(_payload(context)))
    require_claimed(source, meant["type"], meant["source"])
    return from_any(source, context)


def remark(source: str, events: list[CloudEvent]) -> str:
    """Return why nothing becomes of a webhook that is kept; nothing where something may."""
    shapes = [(shape_of(source, event["type"]), event.data) for event in events]
    problems = [kind_problem(shape) or problem(shape, data) for shape, data in shapes]
    unknown = [sentence for sentence in problems if sentence]
    if events and len(unknown) == len(events):
        return f"kept; nothing became of it: {unknown[0]}"
    return "" if events else "nothing became of it: it reports nothing"


def from_correction(_source: str, context: Context) -> list[CloudEvent]:
    """Make the event of a correction; `time` in the body, where it is, makes it the same again."""
    content = _payload(context)
    time = content.pop("time", None)
    return [correction(content, time)]


def _claims_to_be_a_cloudevent(context: Context) -> bool:
    headers = context.request.headers
    return "ce-specversion" in headers or context.request.mimetype == STRUCTURED


def _cloudevent(context: Context) -> CloudEvent:
    event = require_event(context.request)
    return CloudEvent(own_attributes(event), event.data)


def _own(
    kind: str,
    id: str,  # noqa: A002 - the CloudEvents name
    payload: Any,
    source: str | None = None,
) -> CloudEvent:
    path = f"/webhooks/{source or kind}"
    return _event({"type": f"dev.dora.webhooks.{kind}", "source": path, "id": id}, payload)


def _event(attributes: Mapping[str, str | None], payload: Any) -> CloudEvent:
    known = {name: value for name, value in attributes.items() if value}
    return CloudEvent(known | {"datacontenttype": "application/json"}, payload)


def _header(context: Context, name: str) -> str:
    value: str = context.request.headers.get(name, "")
    if not HEADER.fullmatch(value):
        raise PermanentError(f"expected the header {name} to name an event, got {value!r:.80}")
    return value


def _content_id(kind: str, context: Context) -> str:
    return event_id(kind, hashlib.sha256(context.request.get_data()).hexdigest())


def _payload(context: Context) -> dict[str, Any]:
    """Return the body's JSON object; GitHub's default is to send it as a form's field."""
    body: str | bytes = context.request.get_data()
    try:
        if context.request.mimetype == FORM:
            form = context.request.get_data().decode()
            body = parse_qs(form, strict_parsing=True)["payload"][0]
        payload = json.loads(body, parse_constant=refuse_constant)
    except (ValueError, KeyError, RecursionError) as error:
        raise PermanentError("expected the body to be JSON, got something else") from error
    if not isinstance(payload, dict):
        raise PermanentError(f"expected the body to be a JSON object, got {payload!r:.80}")
    return payload
