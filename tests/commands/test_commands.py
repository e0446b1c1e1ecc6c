"""The command line: which commands there are, how one is run, and how it is installed."""

from __future__ import annotations

import re

import pytest

from dora.commands.command_line import LISTED
from tests.commands.conftest import Commands


def test_without_a_command_all_are_listed(commands: Commands) -> None:
    listed = commands.run("--help")
    named = re.findall(r"^  ([a-z, -]+?)  ", listed.stdout, re.MULTILINE)

    assert listed.returncode == 0
    assert ", ".join(named).split(", ") == list(LISTED)
    assert commands.run().stdout == listed.stdout


def test_the_list_of_commands_fits_a_screen(commands: Commands) -> None:
    lines = commands.run("--help").stdout.splitlines()

    assert len(lines) < 24
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", LISTED)
def test_a_command_says_what_it_takes_with_examples(commands: Commands, name: str) -> None:
    shown = commands.run(name, "--help")

    assert shown.returncode == 0
    assert shown.stdout.startswith(f"usage: dora {name} ")
    assert f"dora {name}" in shown.stdout.partition("\nexamples:\n")[2]


@pytest.mark.parametrize(
    "name",
    ["report deployment", "report incident", "report change", "catalog show", "catalog check"],
)
def test_a_part_of_a_command_says_so_too(name: str) -> None:
    shown = Commands({}).run(*name.split(), "--help")

    assert shown.returncode == 0
    assert f"dora {name}" in shown.stdout.partition("\nexamples:\n")[2]


def test_an_unknown_command_is_refused_with_the_known_ones(commands: Commands) -> None:
    refused = commands.run("rebiuld", "all")

    assert refused.returncode == 2
    assert refused.stderr == f"'rebiuld' is no command; there is {', '.join(LISTED)}\n"
