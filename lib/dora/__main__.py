"""The commands that a person runs: `python -m dora COMMAND`, or `python -m dora` for the list."""

from __future__ import annotations

import sys
from importlib import import_module

# Command → its module, whose `main` returns the exit status, and what it does.
COMMANDS = {
    "migrate": ("dora.commands.migrate", "bring tables and views up to date"),
    "rebuild": ("dora.commands.rebuild", "make a metric's tables anew from the log"),
    "replay": ("dora.commands.replay", "send kept events through the Broker again"),
    "redrive": ("dora.commands.redrive", "send dead letters through the Broker again"),
    "correct": ("dora.commands.correct", "say what the events do not: it did not fail, say"),
    "backfill": ("dora.backfill.__main__", "send the past of GitHub or GitLab"),
}
WRONG_ARGUMENTS = 2


def main() -> int:
    """Run the command that the first argument names; return its exit status."""
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        print(_overview())  # noqa: T201 - for the person in front of it
        return 0
    if name not in COMMANDS:
        known = ", ".join(COMMANDS)
        print(f"{name!r:.80} is no command; there is {known}", file=sys.stderr)  # noqa: T201
        return WRONG_ARGUMENTS
    del sys.argv[1]
    status: int = import_module(COMMANDS[name][0]).main()
    return status


def _overview() -> str:
    lines = [f"  {name:10}{does}" for name, (_, does) in COMMANDS.items()]
    return "\n".join(["usage: python -m dora COMMAND [--help]", "", *lines])


if __name__ == "__main__":
    sys.exit(main())
