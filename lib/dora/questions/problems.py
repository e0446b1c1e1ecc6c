"""The problems of what the numbers are made of: which kinds there are, and the setting that mends each.

Each row of a kind has `service` and `source` (or null), `count`, and what its sentences here name.
"""

from __future__ import annotations

import shlex
from string import Formatter
from typing import Any, NamedTuple

from dora.questions.shapes import COUNT, MAYBE_TEXT, TEXT, one_of_each

# Numbers are wrong or late; or something that they could say is missing.
ERROR, WARNING = "error", "warning"
MAX_CHARACTERS = 200

Row = dict[str, Any]
PROBLEM = one_of_each(
    "Problem",
    kind=TEXT,
    severity={"enum": [ERROR, WARNING]},
    what=TEXT,
    service=MAYBE_TEXT,
    source=MAYBE_TEXT,
    count=COUNT,
    mend=TEXT,
)


class _Sentence(Formatter):
    """Sentences about names that anybody may have chosen: printable and short.

    `!q` quotes for a shell, `!s` leaves what is a command already as it is. Of a number there are
    the words for one and for many, in which # stands for it: `{count:# event was|# events were}`.
    """

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if isinstance(value, int):
            return value
        if value is None:
            return "a service that is not known"
        if conversion == "s":
            return str(value)
        line = "".join(letter if letter.isprintable() else " " for letter in str(value))
        return shlex.quote(line) if conversion == "q" else line[:MAX_CHARACTERS]

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec:
            return str(value)
        one, many = format_spec.split("|")
        return (one if value == 1 else many).replace("#", f"{value:,}")


class Kind(NamedTuple):
    """A kind of problem: its statement, how bad it is, what is wrong in words, and what mends it.

    A kind without a statement is of rows that are there already. What mends it may differ by the
    row's `why`. A question about some services leaves out what is of none.
    """

    statement: str | None
    severity: str
    what: str
    mend: str | dict[str, str]
    is_of_service: bool = True


CORRECT = (
    "Let the tool say the service (docs/events.md), or correct it: "
    "python -m dora correct incident {example!q} --service NAME --because TEXT."
)
KINDS = {
    "behind": Kind(
        None,
        ERROR,
        "{metric} is {minutes:# minute|# minutes} behind the log, "
        "{count:# deployment waits|# deployments wait}",
        "See what its function logs, and whether the PingSource catch-up is ready.",
        is_of_service=False,
    ),
    "dead_letters": Kind(
        "endpoints/metrics/quality_dead_letters",
        ERROR,
        "{count:# event was|# events were} refused by {destination}: {reason}",
        "Mend the reason, then send them again: {redrive!s}",
        is_of_service=False,
    ),
    "quarantined": Kind(
        "endpoints/metrics/quality_quarantined",
        ERROR,
        "{count:# event|# events} could not be applied to {metric} and {count:was|were} set aside, "
        "such as {example} of {source}: {why}",
        "Mend the reason (it is a bug of ours or an event of before there were limits), then "
        "python -m dora retry.",
        is_of_service=False,
    ),
    "catalog": Kind(
        "endpoints/metrics/quality_catalog",
        ERROR,
        "The catalog that was found last could not be read, and the one before it holds: {why}",
        "Mend catalog.yaml in the ConfigMap dora-catalog (the chart's value catalog).",
        is_of_service=False,
    ),
    "two_tools": Kind(
        "endpoints/metrics/quality_two_tools",
        ERROR,
        "{service} in {environment} is reported by {source} and by {other_source}: "
        "{count:once|# times} within 30 minutes, which may count twice",
        "Let one tool report it: take the webhook from the other, or mark its object "
        'dora.dev/ignore: "true".',
    ),
    "two_repositories": Kind(
        "endpoints/metrics/quality_two_repositories",
        ERROR,
        "{count:# repository reports|# repositories report} the name {service} in {environment}, "
        "{repository} and {other_repository} among them",
        "Name them apart in the catalog: services: {{OTHER: {{aliases: [{{name: {service}, "
        "tool: {other_repository}}}]}}}}.",
    ),
    "clocks_ahead": Kind(
        "endpoints/metrics/quality_clocks_ahead",
        ERROR,
        "{count:# event|# events} of {source} {count:says that it|say that they} happened after "
        "{count:it|they} arrived, by up to {minutes:# minute|# minutes}",
        "Set the clock of the machine that {source} runs on (NTP).",
        is_of_service=False,
    ),
    "other_ways": Kind(
        "endpoints/metrics/quality_other_ways",
        ERROR,
        "{way} said otherwise what {count:# event|# events} of {source} {count:says|say}, "
        "{example} among them: "
        "the word of {kept_way} holds, the other is kept beside",
        "Find out who sends by {way}; bind the source to its way: "
        "SOURCE_WAYS={source}={kept_way} in dora-settings (docs/security.md).",
        is_of_service=False,
    ),
    "unknown_shapes": Kind(
        "endpoints/metrics/quality_unknown_shapes",
        ERROR,
        "Nothing became of {count:# event|# events} of {source}, whose shape is not known: {why}",
        "Mend the transformer or what the tool sends, then python -m dora replay "
        "--from {day} --source {source!q}.",
        is_of_service=False,
    ),
    "unknown_tier": Kind(
        "endpoints/metrics/quality_unknown_tier",
        WARNING,
        "{service} was deployed {count:once|# times} to {environment}, of which nobody says the tier: "
        "no question about production counts that",
        "Say it in the catalog: tiers: {{{environment}: production}}.",
    ),
    "without_commit": Kind(
        "endpoints/metrics/quality_without_commit",
        WARNING,
        "{count:# deployment|# deployments} of {service}, reported by {source}, "
        "{count:names no commit: it has|name no commit: they have} no lead time",
        "Set the mark dora.dev/commit on the object that is deployed (customData.dora.commit in a "
        "CDEvent), or let the pipeline report artifact.packaged with the commit of the image.",
    ),
    "unknown_commit": Kind(
        "endpoints/metrics/quality_unknown_commit",
        WARNING,
        "{count:# deployment|# deployments} of {service} {count:names a commit|name commits} that no "
        "push reports, the last one {example}",
        "Connect the repository's webhook; for what was pushed before, python -m dora backfill.",
    ),
    "never_shipped": Kind(
        "endpoints/metrics/quality_never_shipped",
        WARNING,
        "{count:The latest push|None of the latest # pushes} to {repository} that "
        "{count:is older than 30 days was not|are older than 30 days was} shipped by a deployment",
        "Say in the catalog which service comes from it: "
        "services: {{{service}: {{repositories: [{repository}]}}}}.",
    ),
    "no_incidents": Kind(
        None,
        WARNING,
        "No incident of {service} or of its team is known: it has no change failure rate, "
        "recovery time and rework rate, or they rest on rollbacks alone",
        "Connect a source of incidents (PagerDuty, Alertmanager, Jira or another: docs/events.md).",
    ),
    "unattributed": Kind(
        "endpoints/metrics/quality_unattributed",
        WARNING,
        "{count:# incident|# incidents} of {source} {count:belongs|belong} to no deployment of {service}: {why}",
        {
            "it names no service": CORRECT,
            "its service was never deployed": "Say in the catalog which service that is: "
            "services: {{NAME: {{aliases: [{service}]}}}}.",
            "its service was never deployed to its environment, nor to one of the same tier": "Say "
            "in the catalog which environment that is: environments: {{{environment}: NAME}}.",
            "no deployment of its service had begun when it was detected": "Bring in the "
            "deployments before it: python -m dora backfill.",
            "the latest deployment of its service was too long before it": "Nothing, if no "
            "deployment caused it; else make metric_settings.incident_window longer.",
        },
    ),
    "open_incidents": Kind(
        "endpoints/metrics/quality_open_incidents",
        WARNING,
        "{count:# incident|# incidents} of {service} {count:is|are} open for more than 30 days in "
        "{source}, {example} for {days:# day|# days}",
        "Close them in the tool, or take them out: python -m dora correct incident "
        "{example!q} --does-not-count --because TEXT.",
    ),
}


def problem(kind: str, row: Row) -> Row:
    """Return a problem as it is answered."""
    named = KINDS[kind]
    mend = named.mend if isinstance(named.mend, str) else named.mend.get(row["why"], CORRECT)
    return {
        "kind": kind,
        "severity": named.severity,
        "what": _said(named.what, row),
        "service": row["service"],
        "source": row["source"],
        "count": row["count"],
        "mend": _said(mend, row),
    }


def _said(sentence: str, row: Row) -> str:
    return _sentence.vformat(sentence, (), row)


_sentence = _Sentence()
