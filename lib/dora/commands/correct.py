"""Say what the events do not, such as that a deployment did not fail.

A correction is an event like any other: it is recorded, shown beside what it corrects with who said
it and why, and every metric follows it. The latest word on each part holds; --take-back takes one
back. Ids are those that /deployments and /incidents list. It goes to the webhooks endpoint at
DORA_WEBHOOKS_URL, with DORA_TOKEN as its token; else to the Broker at K_SINK.
"""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

from cloudevents.conversion import to_structured

from dora.cdevents.corrections import PARTS, correction
from dora.commands.command import FAILED, Command, Stop, tell
from dora.commands.resend import add_webhooks_or_sink, sender_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from cloudevents.http import CloudEvent

# Option → the part that it says, and how.
SAYINGS = {
    "--counts": ("counts", True, "it counts, whatever was said before"),
    "--does-not-count": ("counts", False, "it does not count: it was a test, say"),
    "--failed": ("failed", True, "the deployment failed, though no event says so"),
    "--not-failed": ("failed", False, "it did not fail; the incident was no failure"),
    "--unplanned": ("unplanned", True, "the deployment was unplanned, a hotfix"),
    "--planned": ("unplanned", False, "the deployment was planned"),
}
NAMES = {
    "--commit": ("commit", "SHA", "what was deployed"),
    "--repository": ("repository", "URL", "where that commit is"),
    "--service": ("service", "NAME", "the service that it is of"),
}


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=("deployment", "incident"), help="what is corrected")
    parser.add_argument("id", metavar="ID", help="its id")
    parser.add_argument("--source", help="its source, where several sources use that id")
    for option, (part, said, meaning) in SAYINGS.items():
        parser.add_argument(option, dest=part, action="store_const", const=said, help=meaning)
    for option, (part, name, meaning) in NAMES.items():
        parser.add_argument(option, dest=part, metavar=name, help=meaning)
    parser.add_argument(
        "--take-back", action="append", default=[], choices=PARTS, help="take back what was said"
    )
    parser.add_argument("--because", required=True, metavar="TEXT", help="why; shown in the lists")
    parser.add_argument(
        "--by", default=user(), metavar="NAME", help="who says so (default: %(default)s)"
    )
    add_webhooks_or_sink(parser)


def user() -> str:
    """Return the name of whoever runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def _correct(given: Namespace) -> int:
    event = correction(_content(given))
    refused = sender_of(given.sink, Stop()).send(to_structured(event)[1].decode())
    if refused:
        tell(f"the Broker refused this correction: {refused}")
        return FAILED
    tell(_sentence(event))
    return 0


def _content(given: Namespace) -> dict[str, Any]:
    corrected = {"id": given.id} | ({"source": given.source} if given.source else {})
    said = {part: vars(given)[part] for part in PARTS if vars(given)[part] is not None}
    taken_back = dict.fromkeys(given.take_back)
    return {given.kind: corrected, **said, **taken_back, "by": given.by, "because": given.because}


def _sentence(event: CloudEvent) -> str:
    said = event.data["subject"]["content"]
    parts = ", ".join(f"{part}: {said[part]}" for part in PARTS if part in said)
    return f"sent {event['id']}: {event['subject']} {parts}"


COMMAND = Command(
    _correct,
    _arguments,
    __doc__,
    """
    dora correct deployment 42 --not-failed --because "the alert was a test of the pager"
    dora correct deployment 42 --take-back failed --because "it was none"
    dora correct incident INC-7 --source /people/operations --does-not-count --because "a drill"
    """,
)
