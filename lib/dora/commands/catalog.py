"""Show the catalog that is loaded, or check one before it is applied.

The catalog says what events cannot: which names mean one service, its team and repositories, which
environments are production. It is edited in catalog.yaml; the files beside it may have entities of
Backstage. `show` asks the database (PGHOST), `check` reads files alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dora import catalog
from dora.catalog.entries import CatalogError
from dora.commands.ask import show_json
from dora.commands.command import FAILED, Command, add_parser, tell
from dora.commands.lists import minute
from dora.commands.table import show_table
from dora.commands.terminal import show
from dora.database import run_named
from dora.times import rfc3339

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SHOW = ("show", "show the catalog that is loaded")
CHECK = ("check", "say what is wrong with a catalog before it is applied")
EXAMPLES = {
    "show": """
    dora catalog show
    dora catalog show --json
    """,
    "check": """
    dora catalog check catalog.yaml
    """,
}
# What the tables of the catalog have, in the order in which they are shown.
TABLES = ("services", "aliases", "repositories", "production", "environments", "tiers")


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    shown, checked = (
        add_parser(actions, name, does, f"{does.capitalize()}.\n\n{__doc__}", EXAMPLES[name])
        for name, does in (SHOW, CHECK)
    )
    shown.add_argument("--json", action="store_true", help="its rows in JSON, by their tables")
    checked.add_argument("file", type=Path, help="catalog.yaml")


def _catalog(given: Namespace) -> int:
    return _check(given.file) if given.action == "check" else _show(as_json=given.json)


def _show(*, as_json: bool) -> int:
    [state] = run_named("commands/catalog/read_catalog", {})
    content: dict[str, list[dict[str, Any]]] = state["content"] or {}
    if as_json:
        show_json(content)
    else:
        for name in TABLES:
            if content.get(name):
                _show_rows(name, content[name])
        tell(_state(state))
    if state["problem"]:
        tell(state["problem"])
    return FAILED if state["problem"] else 0


def _show_rows(table: str, rows: list[dict[str, Any]]) -> None:
    names = sorted(rows[0], key=lambda name: name != "service_id")
    show(table)
    show_table(
        [f"  {name.removesuffix('_id')}" for name in names],
        ([_cell(row[name]) for name in names] for row in rows),
    )


def _cell(value: Any) -> str:
    return f"  {', '.join(value) if isinstance(value, list) else value or ''}"


def _state(state: dict[str, Any]) -> str:
    if state["loaded_at"] is None:
        return "no catalog was ever loaded"
    is_applied = state["version"] == state["applied_version"]
    applied = "applied" if is_applied else "being applied: the numbers are still the old ones"
    return f"loaded {minute(rfc3339(state['loaded_at']))}, {applied}"


def _check(file: Path) -> int:
    """Read a catalog with the files beside it, as functions do."""
    try:
        found = catalog.read(catalog.files(file))
    except (CatalogError, OSError, UnicodeDecodeError) as error:
        tell(str(error))
        return FAILED
    said = ", ".join(f"{len(found[name])} {name}" for name in TABLES if found[name])
    show(f"{file} is a catalog: {said or 'it says nothing'}")
    return 0


COMMAND = Command(
    _catalog,
    _arguments,
    __doc__,
    """
    dora catalog check catalog.yaml
    dora catalog show
    """,
    user="dora_metrics",
)
