"""Show one of them with all that led to it, by the id that a list shows.

Without --source it is looked for among the newest 1,000 of the last three years.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.commands.ask import ask, show_json
from dora.commands.command import Command
from dora.commands.lists import minute, what_is_said
from dora.commands.table import show_table
from dora.commands.terminal import show
from dora.errors import PermanentError
from dora.pages.chain import chain
from dora.pages.words import artifact, between
from dora.questions.question import TIERS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

Row = dict[str, Any]
MOST, SINCE = 1000, "P3Y"


def _source(kind: str, given: Namespace) -> str:
    """Return the source of the only one that has this id."""
    if given.source:
        return str(given.source)
    asked = {"from": SINCE, "limit": MOST, "tier": list(TIERS)}
    listed = ask(f"/{kind}s", f"{kind}s", asked)[f"{kind}s"]
    sources = sorted({row["source"] for row in listed if row["id"] == given.id})
    if len(sources) == 1:
        return str(sources[0])
    found = f"of each of {', '.join(sources)}" if sources else "none"
    raise PermanentError(f"expected one {kind} {given.id!r:.80}, got {found}; --source says which")


def _deployment(answer: Row) -> None:
    row = answer["deployment"]
    said = what_is_said(row)
    show(f"{row['service']} in {row['environment']}: {artifact(row['artifact'] or row['id'])}")
    show(f"deployed {minute(row['deployed_at'])}{f': {said}' if said else ''}")
    show("")
    show_table(
        ("when", "after", "what", "which", "more"),
        ((minute(step.at), step.after, step.title, step.name, step.more) for step in chain(answer)),
    )


def _incident(answer: Row) -> None:
    row, deployment = answer["incident"], answer["deployment"]
    show(f"{row['service'] or 'of no known service'}: {row['description'] or row['id']}")
    show(f"detected {minute(row['detected_at'])}, {_end(row)}")
    caused = f"{deployment['service']} {deployment['id']}" if deployment else "no deployment"
    show(f"belongs to {caused}: {row['why']}")
    show("")
    show_table(
        ("open from", "to"),
        ((minute(each["begins_at"]), minute(each["ends_at"])) for each in answer["openings"]),
    )


def _end(row: Row) -> str:
    if not row["resolved_at"]:
        return "still open"
    took = between(row["detected_at"], row["resolved_at"])
    return f"resolved {minute(row['resolved_at'])}, after {took}"


def _command(kind: str, show_answer: Callable[[Row], None], examples: str) -> Command:
    def arguments(parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help=f"its id, as dora {kind}s shows it")
        parser.add_argument("--source", help="its source, where several have one of this id")
        parser.add_argument("--json", action="store_true", help="the answer in JSON")

    def run(given: Namespace) -> int:
        question = {"source": _source(kind, given), "id": given.id}
        answer = ask(f"/{kind}", kind, question)
        show_json(answer) if given.json else show_answer(answer)
        return 0

    return Command(run, arguments, __doc__ or "", examples)


COMMANDS = {
    "deployment": _command(
        "deployment",
        _deployment,
        """
    dora deployment 42
    dora deployment 42 --source https://github.com/acme/shop --json
    """,
    ),
    "incident": _command(
        "incident",
        _incident,
        """
    dora incident P1A2B3
    """,
    ),
}
