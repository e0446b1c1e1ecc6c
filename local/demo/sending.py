"""The demo's reports on their way: the past in batches, the last working day as tools send it.

The past goes through the transformers too, as functions of this process: so it becomes the same
events as if it had come by itself, and what comes again is the same.
"""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any

import requests

from dora.limits import BATCH
from dora.tools.signatures import hex_digest
from local.demo import catalog, history, kubernetes
from local.demo.transforming import cdevents_of
from local.demo.working_hours import last_working_day
from local.events import STRUCTURED, send_tick, wait_until_quiet
from local.functions import url
from local.processes import answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.demo.report import Report
    from local.stack import Stack

BATCH_EVENTS = 500
WEBHOOKS = "webhooks-endpoint"
# What the metrics have not counted yet.
BEHIND = """select
    coalesce((select max(seq) from cdevents_raw), 0)
    > coalesce((select seq from processed_events where consumer = 'timeline'), 0)
    or exists (select from stale_deployments)
    or (select version > applied_version from catalog_state)"""
SECONDS = 120


def send(stack: Stack, now: datetime) -> None:
    """Send all of it, and wait until the metrics have it.

    Args:
        stack: one that runs; the demo's part of the catalog comes to its own.
        now: what comes later has not happened yet.
    """
    catalog.add(stack.settings)
    last = last_working_day(now.date())
    begin = datetime.combine(last, time(tzinfo=UTC))
    found = [*history.reports(now), *kubernetes.recorded(last)]
    found.sort(key=lambda report: report.when)
    past = [event for report in found if report.when < begin for event in cdevents_of(report)]
    stack.tell(f"demo   {len(past):,} events of the {history.DAYS} days before {last}, in batches")
    _send_batches(stack, past)
    catch_up(stack)
    fresh = [report for report in found if report.when >= begin]
    stack.tell(
        f"demo   {len(fresh)} reports since {last}, as GitHub, PagerDuty and Kubernetes send them"
    )
    _send_by_the_front_doors(stack, fresh)
    catch_up(stack)


def catch_up(stack: Stack) -> None:
    """Let the metrics count all that they have not counted yet, and wait for that."""
    deadline = datetime.now(UTC).timestamp() + SECONDS
    wait_until_quiet(stack.settings.broker_port, SECONDS)
    while stack.ask_database(BEHIND)[0][0]:
        if datetime.now(UTC).timestamp() > deadline:
            raise TimeoutError(f"the metrics have not caught up after {SECONDS} s")
        send_tick(stack.broker_url)
        wait_until_quiet(stack.settings.broker_port, SECONDS)


def _send_batches(stack: Stack, events: list[dict[str, Any]]) -> None:
    address = url(stack.functions["cdevents-endpoint"])
    for begin in range(0, len(events), BATCH_EVENTS):
        body = json.dumps(events[begin : begin + BATCH_EVENTS])
        answer = requests.post(address, body, headers={"content-type": BATCH}, timeout=SECONDS)
        answer.raise_for_status()
        if refused := answer.json()["refused"]:
            raise ValueError(f"expected the demo's events to be kept, got {refused[0]}")


def _send_by_the_front_doors(stack: Stack, reports: list[Report]) -> None:
    with requests.Session() as session, _webhooks(stack) as (address, secret):
        for report in reports:
            if report.tool == "kubernetes":
                answer = session.post(
                    stack.broker_url, json.dumps(report.payload), headers=STRUCTURED, timeout=30
                )
            else:
                body, headers = _signed(report, secret)
                answer = session.post(f"{address}/{report.tool}", body, headers=headers, timeout=30)
            answer.raise_for_status()


@contextmanager
def _webhooks(stack: Stack) -> Iterator[tuple[str, str]]:
    """Run a webhooks endpoint of the demo's own, whose secret nobody else knows."""
    secret = secrets.token_hex(32)
    program = stack.program(
        WEBHOOKS, {"WEBHOOK_GITHUB_SECRETS": secret, "WEBHOOK_PAGERDUTY_SECRETS": secret}
    )
    program.start()
    try:
        program.wait_until(partial(answers, f"{url(program)}/health/readiness"))
        yield url(program), secret
    finally:
        program.stop()


def _signed(report: Report, secret: str) -> tuple[bytes, dict[str, str]]:
    """Return a webhook's body and headers, signed as its tool does."""
    body = json.dumps(report.payload).encode()
    digest, headers = hex_digest(secret, body), {"content-type": "application/json"}
    if report.tool == "pagerduty":
        return body, headers | {"X-PagerDuty-Signature": f"v1={digest}"}
    named = {"X-GitHub-Event": report.kind, "X-GitHub-Delivery": report.id}
    return body, headers | named | {"X-Hub-Signature-256": f"sha256={digest}"}
