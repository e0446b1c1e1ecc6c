"""Bring a database's tables and views up to date.

It makes those of an empty database, and changes those of an older one, in the order of the files:
numbered changes, then what makes each table, function and view where it is not there or another. It
may run again and again; each file is one transaction, and two at once come one after the other. A
file that meets a deadlock with who writes at the same time is tried again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dora import database
from dora.commands.command import STOPPED, Command, Stop, tell
from dora.database import names, one, run, script
from dora.errors import DeadlockError, NotFoundError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

# Of `sql/`, in the order in which they apply.
FOLDERS = ("migrations", "schema", "staging")
TRIES = 5


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="only show which numbered changes it would make"
    )


def _migrate(given: Namespace) -> int:
    stop = Stop()
    files = [name for folder in FOLDERS for name in names(f"{folder}/")]
    if not files:
        raise NotFoundError("expected the files of sql/schema, got none")
    database.wait_up_to(None)
    due = _due(*names("migrations/"))
    if given.dry_run:
        tell("\n".join(f"would make {change}" for change in due) or "no change is due")
        return 0
    for name in files:
        _apply(name)
        if name in due:
            tell(f"made {name}")
        if stop.told:
            return STOPPED
    tell("the database is up to date")
    return 0


def _apply(name: str) -> None:
    """Run a file, again where it and who writes at the same time waited for each other's tables."""
    for _ in range(TRIES - 1):
        try:
            return script(name)
        except DeadlockError:
            tell(f"{name} met a deadlock with another session: trying again")
    return script(name)


def _due(ledger: str, *changes: str) -> list[str]:
    """Return the numbered changes that an older database needs; change nothing.

    Raises:
        PermanentError: the database is newer than the files.
    """
    run("begin")
    try:
        script(ledger)
        return [change for change in changes if _is_due(change)]
    finally:
        run("rollback")


def _is_due(change: str) -> bool:
    number, _, name = change.removeprefix("migrations/").partition("_")
    due: bool = one("commands/migrate/take_migration", number=int(number), called=name)
    return due


# The functions' roles own nothing.
COMMAND = Command(
    _migrate,
    _arguments,
    __doc__,
    """
    dora migrate --dry-run
    dora migrate
    """,
    user="postgres",
)
