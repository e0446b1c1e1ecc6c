"""Print what a shell needs to complete this command line."""

from __future__ import annotations

from argparse import Action, ArgumentParser, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

import shtab

from dora.commands import command_line
from dora.commands.command import Command

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

SHELLS = ("bash", "zsh", "fish")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS)


def _completion(given: Namespace) -> int:
    parser = command_line.parser_of(command_line.LISTED)
    for action in _actions(parser):
        if action.type is Path:
            vars(action)["complete"] = shtab.FILE
    print(shtab.complete(parser, given.shell))  # noqa: T201 - the answer
    return 0


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    for action in parser._actions:  # noqa: SLF001 - as shtab reads them
        yield action
        if isinstance(action, _SubParsersAction):
            for each in action.choices.values():
                yield from _actions(each)


COMMAND = Command(
    _completion,
    _arguments,
    __doc__,
    """
    eval "$(dora completion bash)"                                        # in ~/.bashrc
    dora completion zsh > ~/.zsh/functions/_dora                          # a folder of $fpath
    dora completion fish > ~/.config/fish/completions/dora.fish
    """,
)
