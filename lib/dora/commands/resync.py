"""Send what an ApiServerSource in Kubernetes may have missed; runs in a pod of its cluster.

A source reports what happens while its adapter runs, and nothing of what it finds at its start. So
this lists what the source watches, and sends each workload whose newest revision is rolled out as the
source would have, to the same sink. A revision is one event, however often it is sent.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dora.commands.api_server import ApiServer
from dora.commands.command import FAILED, STOPPED, TELL_SECONDS, Command, Stop, Stopped, tell
from dora.commands.resend import Sender, add_sink
from dora.commands.watched import watched
from dora.errors import NotFoundError, PermanentError
from dora.times import read_time
from dora.tools.payloads import get, number, text, time_or_none
from dora.tools.workloads import rollout, written_at

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dora.commands.watched import Resource, Watched


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", help="name of the ApiServerSource, in the pod's namespace")
    since = parser.add_mutually_exclusive_group()
    since.add_argument("--from", dest="start", metavar="TIME", help="only what changed since then")
    since.add_argument(
        "--cron-job", metavar="NAME", help="only what changed since a Job of this CronJob succeeded"
    )
    add_sink(parser, "the environment's K_SINK, else the source's own")


def _resync(given: Namespace) -> int:
    stop = Stop()
    server = ApiServer(stop)
    try:
        source = watched(server, given.source)
        since = _last_success(server, given.cron_job) or read_time("--from", given.start)
        resync = _Resync(server, source, Sender(given.sink or source.sink, stop))
        for resource in source.resources:
            resync.send_all(resource, since)
    except Stopped:
        return STOPPED
    tell(str(resync))
    return FAILED if resync.refused else 0


def _last_success(server: ApiServer, name: str | None) -> datetime | None:
    """Return when the CronJob's last Job to succeed began at the earliest; None before any did."""
    if name is None:
        return None
    cron_job = server.get(f"/apis/batch/v1/namespaces/{server.namespace}/cronjobs/{name}")
    seconds = number(cron_job, "spec", "jobTemplate", "spec", "activeDeadlineSeconds")
    ended = time_or_none(cron_job, "status", "lastSuccessfulTime")
    return datetime.fromisoformat(ended) - timedelta(seconds=int(seconds)) if ended else None


class _Resync:
    """What was seen, sent and refused."""

    def __init__(self, server: ApiServer, source: Watched, sender: Sender) -> None:
        self.seen, self.sent, self.refused = 0, 0, 0
        self._server, self._source, self._sender = server, source, sender
        self._told = time.monotonic()

    def __str__(self) -> str:
        return f"{self.seen:,} workloads seen, {self.sent:,} sent, {self.refused:,} refused"

    def send_all(self, resource: Resource, since: datetime | None) -> None:
        """Send what changed of a kind; of one that the cluster does not know there is nothing."""
        try:
            for item in self._server.items(resource.path, labelSelector=resource.labels):
                if self._source.has(item):
                    self._send_if_changed({**resource.named, **item}, since)
        except NotFoundError as error:
            tell(str(error))

    def _send_if_changed(self, workload: dict[str, Any], since: datetime | None) -> None:
        """Send a workload that somebody wrote since, its controller included."""
        self.seen += 1
        written = written_at(workload)
        if not (since and written) or datetime.fromisoformat(written) >= since:
            self._send(self._with_template(workload))
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._told = time.monotonic()
            tell(str(self))

    def _send(self, workload: dict[str, Any]) -> None:
        """Send a workload whose newest revision is rolled out."""
        kind, name = workload["kind"], get(workload, "metadata", "name")
        try:
            done = rollout(workload, None)
        except PermanentError as error:  # this object's own; the others may be right
            tell(f"{kind} {name} is left out: {error}")
            return
        if not done:
            return
        sentence = self._sender.send(self._source.event(workload, done))
        if sentence:
            self.refused += 1
            tell(f"{kind} {name} was refused: {sentence}")
        else:
            self.sent += 1

    def _with_template(self, workload: dict[str, Any]) -> dict[str, Any]:
        """Return a Rollout that takes its template from a Deployment with that template in it.

        https://argo-rollouts.readthedocs.io/en/stable/features/specification/ has workloadRef. The
        template is the Rollout's if its controller has seen what the Deployment is now.
        """
        reference = get(workload, "spec", "workloadRef")
        if get(reference, "kind") != "Deployment":
            return workload
        namespace, name = text(workload, "metadata", "namespace"), text(reference, "name")
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{quote(name, safe='')}"
        try:
            deployment = self._server.get(path)
        except PermanentError as error:  # it is not there, or the source may not look at it
            tell(str(error))
            return workload
        seen = get(workload, "status", "workloadObservedGeneration")
        if str(seen) != str(get(deployment, "metadata", "generation")):
            return workload
        template = get(deployment, "spec", "template")
        return {**workload, "spec": {**workload["spec"], "template": template}}


COMMAND = Command(
    _resync,
    _arguments,
    __doc__,
    """
    dora resync dora-workloads
    dora resync dora-workloads --from 2026-01-31T12:00:00Z
    dora resync dora-workloads --cron-job dora-resync
    """,
)
