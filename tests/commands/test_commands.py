"""`python -m dora`: which commands there are, and how one is run."""

from __future__ import annotations

import pytest

from dora.__main__ import COMMANDS
from tests.commands.conftest import Commands


def test_without_a_command_all_are_listed(commands: Commands) -> None:
    listed = commands.run("--help")

    assert listed.returncode == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()[2:]] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_takes(commands: Commands, name: str) -> None:
    shown = commands.run(name, "--help")

    assert shown.returncode == 0
    assert shown.stdout.startswith(f"usage: dora {name} ")


def test_an_unknown_command_is_refused_with_the_known_ones(commands: Commands) -> None:
    refused = commands.run("rebiuld", "all")

    assert refused.returncode == 2
    assert refused.stderr == f"'rebiuld' is no command; there is {', '.join(COMMANDS)}\n"
