"""Take plain webhooks: check who sends and what of, make them CloudEvents, give them to the Broker.

docs/events.md says what each tool has to show and what its events are called.
"""

from __future__ import annotations

from cloudevents.http import CloudEvent
from parliament import Context

from dora.errors import NotFoundError
from dora.function import on_webhook
from dora.tools import signatures, webhooks
from dora.tools.claims import require_own

SOURCES = {
    "github": (signatures.is_github, webhooks.from_github),
    "gitlab": (signatures.is_gitlab, webhooks.from_gitlab),
    "pagerduty": (signatures.is_pagerduty, webhooks.from_pagerduty),
    "alertmanager": (signatures.has_token, webhooks.from_alertmanager),
    "argocd": (signatures.has_token, webhooks.from_any),
    "flux": (signatures.is_flux, webhooks.from_any),
    "jenkins": (signatures.has_token, webhooks.from_any),
    "harbor": (signatures.has_token, webhooks.from_any),
    "jira": (signatures.is_jira, webhooks.from_any),
    "generic": (signatures.has_token, webhooks.from_generic),
    "correction": (signatures.has_token, webhooks.from_correction),
    "gitea": (signatures.is_gitea, webhooks.by_header("X-Gitea-Event")),
    "bitbucket": (signatures.is_bitbucket, webhooks.from_bitbucket),
    "azure-devops": (signatures.has_token, webhooks.from_plain),
    "circleci": (signatures.is_circleci, webhooks.from_plain),
    "opsgenie": (signatures.has_token, webhooks.from_plain),
    "incident-io": (signatures.is_standard_webhook, webhooks.from_plain),
    "datadog": (signatures.has_token, webhooks.from_plain),
    "sentry": (signatures.is_sentry, webhooks.from_sentry),
    "servicenow": (signatures.has_token, webhooks.from_plain),
    "octopus-deploy": (signatures.has_token, webhooks.from_plain),
}


@on_webhook
def main(context: Context) -> tuple[list[CloudEvent], str]:
    """Answer 202 only when the Broker has the events."""
    source = context.request.path.removeprefix("/")
    if source not in SOURCES:
        paths = ", ".join(f"/{name}" for name in SOURCES)
        raise NotFoundError(f"expected one of the paths {paths}, got {context.request.path!r:.80}")
    is_sender, events_from = SOURCES[source]
    webhooks.require_sender(source, is_sender, context.request)
    events = events_from(source, context)
    require_own(source, events)
    return events, webhooks.remark(source, events)
