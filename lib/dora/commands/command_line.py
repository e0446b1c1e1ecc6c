"""The table of commands, and how a command line is read: only the command that it names is loaded.

Exit status: 0 fine, 1 something is wrong (a sentence says what), 2 wrong arguments, 130 stopped by
Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from importlib import import_module
from io import TextIOWrapper
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.commands.command import FAILED, STOPPED, add_parser, reach_this_machine_directly, tell
from dora.commands.terminal import plain, show
from dora.errors import DoraError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Container

    from dora.commands.command import Command


class Listed(NamedTuple):
    """A command in the table: where it is, and what it does."""

    module: str
    does: str


WRONG_ARGUMENTS = 2
EXIT_STATUS = "exit status: 0 fine, 1 something is wrong, 2 wrong arguments, 130 stopped"
FIVE = "the five metrics: of each service; over time, in groups"
NUMBERS = Listed("dora.commands.lists", "what numbers rest on")
ONE = Listed("dora.commands.one", NUMBERS.does)
AGAIN = "dead letters through the Broker again; what was set aside"
REMOVED = "an event, or what names a person; what is old and unneeded"
KNOWN = Listed("dora.commands.lists", "what is known, whenever")
# What is asked, reported, operated → its commands.
COMMANDS: dict[str, dict[str, Listed]] = {
    "ask, at DORA_URL (http://127.0.0.1:8090 where it is not set)": {
        "summary": Listed("dora.commands.summary", FIVE),
        "metrics": Listed("dora.commands.metrics", FIVE),
        **dict.fromkeys(("deployments", "changes", "incidents"), NUMBERS),
        **dict.fromkeys(("deployment", "incident"), ONE),
        **dict.fromkeys(("services", "teams", "environments", "sources"), KNOWN),
        "quality": Listed("dora.commands.quality", "what is wrong or missing, and what mends it"),
        "check": Listed("dora.commands.check", "the same for a pipeline: 1 if something is wrong"),
    },
    "report, to DORA_WEBHOOKS_URL with DORA_TOKEN, or to the Broker at K_SINK": {
        "report": Listed("dora.commands.report", "a deployment, an incident or a change"),
        "correct": Listed("dora.commands.correct", "say what the events do not: it did not fail"),
        "backfill": Listed("dora.backfill.command", "send the past of GitHub or GitLab"),
        "resync": Listed("dora.commands.resync", "send what a source in Kubernetes has missed"),
    },
    "operate, on the database at PGHOST": {
        "catalog": Listed("dora.commands.catalog", "show what is loaded, or check a file"),
        "migrate": Listed("dora.commands.migrate", "bring tables and views up to date"),
        "rebuild": Listed("dora.commands.rebuild", "make a metric's tables anew from the log"),
        "replay": Listed("dora.commands.replay", "send kept events through the Broker again"),
        "redrive": Listed("dora.commands.redrive", AGAIN),
        "retry": Listed("dora.commands.retry", AGAIN),
        "forget": Listed("dora.commands.forget", REMOVED),
        "prune": Listed("dora.commands.prune", REMOVED),
        "completion": Listed("dora.commands.completion", "for bash, zsh or fish"),
    },
}
LISTED = {name: listed for group in COMMANDS.values() for name, listed in group.items()}


def main() -> int:
    """Run the command that the command line names; return its exit status."""
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        show(_overview())
        return 0
    reach_this_machine_directly()
    if name not in LISTED:
        tell(f"{name!r:.80} is no command; there is {', '.join(LISTED)}")
        return WRONG_ARGUMENTS
    given = parser_of([name]).parse_args()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may know few characters
    try:
        return _run(load(name), given)
    except DoraError as error:
        tell(str(error))
        return FAILED
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    finally:
        _close_database()


def _close_database() -> None:
    """Close the connection of a command that has one; to load what opens it takes others too long."""
    if "dora.database" in sys.modules:
        sys.modules["dora.database"].close()


def _run(command: Command, given: Namespace) -> int:
    os.environ.setdefault("PGUSER", command.user)
    os.environ.setdefault("PGAPPNAME", f"dora {given.command}")
    status = command.run(given)
    sys.stdout.flush()
    return status


def load(name: str) -> Command:
    """Return a command by its name; a module has one, or several by their names."""
    module = import_module(LISTED[name].module)
    command: Command = module.COMMANDS[name] if hasattr(module, "COMMANDS") else module.COMMAND
    return command


class Parser(ArgumentParser):
    """A parser whose sentences about what was given command no terminal."""

    def _print_message(self, message: str, file: Any = None) -> None:
        super()._print_message(plain(message), file)


def parser_of(loaded: Container[str]) -> ArgumentParser:
    """Return the parser of all commands; those that are to be loaded have their arguments."""
    parser = Parser("dora", usage="dora COMMAND [OPTIONS]")
    commands = parser.add_subparsers(dest="command", required=True, prog="dora")
    for name, listed in LISTED.items():
        if name in loaded:
            command = load(name)
            parts = (listed.does, command.says, command.examples)
            command.arguments(add_parser(commands, name, *parts))
        else:
            commands.add_parser(name, help=listed.does, add_help=False)
    return parser


def _overview() -> str:
    """Return what `dora --help` shows; commands that do the same share a line."""
    lines = ["usage: dora COMMAND [OPTIONS]   (dora COMMAND --help has examples)"]
    for group, commands in COMMANDS.items():
        lines += ["", f"{group}:"] if len(lines) > 1 else [f"{group}:"]
        for does, names in groupby(commands, key=lambda name: commands[name].does):
            lines.append(f"  {', '.join(names):12}  {does}")
    return "\n".join([*lines, EXIT_STATUS])
