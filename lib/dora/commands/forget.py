"""Remove events and all that became of them, and make the metrics anew without them.

An event is named by its source and id; what was made of it goes with it. --person removes each event in
which a name, address or login stands as a whole word. What became of an event before it was noted, and
what a history brought in batches, is found by its own source and id.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from dora import database
from dora.commands.command import Command, tell
from dora.commands.rebuild import Told
from dora.database import run, transaction
from dora.errors import PermanentError
from dora.rebuilding import ALL, rebuild

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    Found = list[list[Any]]

MOST_LINES = 20
# What a name, an address or a login consists of: beside these it is not whole.
PART = r"[\w.@-]"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--source", help="source of the event")
    parser.add_argument("--id", action="append", default=[], help="its id; may be given repeatedly")
    parser.add_argument(
        "--person", action="append", default=[], help="a name, address or login; repeatedly, too"
    )
    parser.add_argument(
        "--refuse-again", action="store_true", help="do not keep it when it is sent again"
    )
    parser.add_argument("--dry-run", action="store_true", help="only show what would be removed")


def _forget(given: Namespace) -> int:
    if bool(given.source) != bool(given.id) or bool(given.source) == bool(given.person):
        raise PermanentError("expected --source with --id, or --person, got neither or both")
    database.wait_up_to(None)
    found = find(given.source, given.id, given.person)
    _show(found)
    if given.dry_run:
        return 0
    keys = {(source, event_id) for _, source, event_id, _ in found}
    keys |= {(given.source, event_id) for event_id in given.id}
    if keys and forget(sorted(keys), refuse=given.refuse_again):
        rebuild(ALL, restart=True, tell=Told(ALL))
        tell("the metrics are those without it")
    return 0


def find(source: str | None, ids: list[str], people: list[str]) -> Found:
    """Return table, source, id and type of what there is to forget."""
    return run(
        "commands/forget/find_events", source=source, ids=ids, pattern=pattern_of(people) or None
    )


def pattern_of(people: list[str]) -> str:
    """Return a regular expression of PostgreSQL for people's names as whole words in JSON."""
    # A dead letter is kept to the letter, and may have what is beyond ASCII as \\u sequences.
    written = {form for name in people for form in (name, json.dumps(name)[1:-1])}
    names = "|".join(sorted(re.sub(r"(\W)", r"\\\1", form) for form in written if form.strip()))
    return f"(?<!{PART})({names})(?!{PART})" if names else ""


def forget(keys: list[tuple[str, str]], *, refuse: bool) -> int:
    """Delete events and what stands beside the log of them; return how many the log lost.

    Args:
        keys: their sources and ids.
        refuse: whether they may not come again.
    """
    named = {"sources": [source for source, _ in keys], "ids": [one_id for _, one_id in keys]}
    with transaction():
        run("commands/forget/refuse_events", refuse=refuse, **named)
        [[forgotten, _]] = run("commands/forget/forget_events", **named)
        run("commands/forget/forget_leftovers", sources=named["sources"])
        return int(forgotten)


def _show(found: Found) -> None:
    for kept_in, source, event_id, kind in found[:MOST_LINES]:
        tell(f"{kept_in}: {kind} {event_id} of {source}")
    if len(found) > MOST_LINES:
        tell(f"and {len(found) - MOST_LINES:,} more")
    counts = Counter(kept_in for kept_in, *_ in found)
    tell(", ".join(f"{count:,} in {name}" for name, count in counts.items()) or "nothing is kept")


COMMAND = Command(
    _forget,
    _arguments,
    __doc__,
    """
    dora forget --source https://github.com/acme/shop --id 0b5c1d2e --dry-run
    dora forget --person ada@example.com --person "Ada Lovelace" --refuse-again
    """,
    user="postgres",
)
