"""Whatever anybody sends commands no terminal, and is no formula in what a command writes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from dora.commands.command_line import COMMANDS
from dora.commands.terminal import plain
from tests import hostile
from tests.commands.conftest import Commands, metrics_endpoint
from tests.conftest import Database, Functions
from tests.metrics.conftest import modules_database
from tests.metrics.stories import record

__all__ = ["modules_database"]
ASKING = list(next(iter(COMMANDS.values())))
OF_ONE = ("deployment", "incident")


@pytest.fixture(scope="module")
def commands(
    modules_database: Database, function: Functions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Commands]:
    """Commands that ask a metrics endpoint of what is hostile."""
    with pytest.MonkeyPatch.context() as patch:
        modules_database.use(patch)
        record(function, hostile.events())
        for letter in hostile.dead_letters():
            assert function("dead-letters-endpoint").post(letter).status_code == 204
    with metrics_endpoint(modules_database, tmp_path_factory.mktemp("logs")) as address:
        yield Commands(modules_database.environment | {"DORA_URL": address, "NO_COLOR": "1"})


def _arguments(commands: Commands, name: str) -> list[str]:
    """Return a command that shows what is hostile: of one, the newest."""
    if name not in OF_ONE:
        return [name]
    found: dict[str, Any] = json.loads(commands.run(f"{name}s", "--json").stdout)
    newest = found[f"{name}s"][0]
    return [name, newest["id"], "--source", newest["source"]]


@pytest.mark.parametrize("name", ASKING)
def test_it_commands_no_terminal_and_is_no_formula(commands: Commands, name: str) -> None:
    asked = _arguments(commands, name)
    shown = commands.run_in_terminal(100, *asked).replace("\r\n", "\n")
    table = commands.run(*asked, "--csv")

    assert len(shown) > 20, shown
    assert plain(shown) == shown
    if table.returncode != 2:  # of one there is no table
        for row in csv.reader(io.StringIO(table.stdout)):
            for cell in row:
                assert not re.match(r"[=+@\t\r]|-(?!\d)", cell), cell[:100]


@pytest.mark.parametrize(
    "arguments",
    [
        [name, *arguments]
        for name in ("correct", "report", "catalog", "rebuild", "redrive", "replay", "nothing")
        for arguments in ([hostile.ESCAPES], ["--source", hostile.MARKS])
    ],
    ids=lambda each: ascii(each)[:40],
)
def test_what_a_command_is_given_commands_no_terminal(
    commands: Commands, arguments: list[str]
) -> None:
    done = commands.run(*arguments)

    said = done.stdout + done.stderr
    assert done.returncode in (1, 2), said
    assert plain(said) == said
