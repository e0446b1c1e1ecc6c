"""The catalog: what is loaded, and whether a file is one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dora import catalog as dora_catalog
from tests.commands.conftest import Commands
from tests.conftest import Database

CATALOG = """
services:
  shop:
    team: store
    aliases: [webshop]
    repositories: [https://github.com/acme/shop]
environments: {live: production}
tiers: {blue: staging}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalog's file, which functions of this process would load."""
    written = tmp_path / "catalog.yaml"
    written.write_text(CATALOG)
    monkeypatch.setenv("DORA_CATALOG", str(written))
    return written


def test_what_is_loaded_is_shown(commands: Commands, file: Path) -> None:
    before = commands.run("catalog", "show")
    dora_catalog.refresh()
    shown = commands.run("catalog", "show")
    rows = json.loads(commands.run("catalog", "show", "--json").stdout)

    assert file
    assert (before.stdout, before.stderr) == ("", "no catalog was ever loaded\n")
    assert [line.split() for line in shown.stdout.splitlines()[:3]] == [
        ["services"],
        ["service", "team"],
        ["shop", "store"],
    ]
    assert shown.returncode == 0
    assert shown.stderr.startswith("loaded 20")
    assert rows["tiers"] == [{"environment_id": "blue", "tier": "staging"}]


def test_a_catalog_that_could_not_be_read_is_said_beside_the_one_before(
    commands: Commands, file: Path, database: Database
) -> None:
    dora_catalog.refresh()
    file.write_text("tiers: {blue: gold}")
    dora_catalog.refresh()

    shown = commands.run("catalog", "show")

    assert database.rows("select problem is not null from catalog_state") == [[True]]
    assert shown.returncode == 1
    assert "store" in shown.stdout
    assert "expected production, staging, testing, development as blue" in shown.stderr


def test_a_file_is_checked_with_those_beside_it_before_it_is_applied(file: Path) -> None:
    entity = "kind: Component\nmetadata: {name: cart}\nspec: {owner: store}\n"
    (file.parent / "cart.yaml").write_text(f"apiVersion: backstage.io/v1alpha1\n{entity}")

    checked = Commands({}).run("catalog", "check", str(file))

    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == (
        f"{file} is a catalog: 2 services, 1 aliases, 1 repositories, 2 environments, 1 tiers\n"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("services: [shop]", "expected a mapping as services of catalog.yaml, got ['shop']\n"),
        (
            "teams: {}",
            "expected services environments tiers default_environment in catalog.yaml, got",
        ),
        ("a: [", "expected catalog.yaml to be YAML, got none, line 1\n"),
        (
            "services: {a: {aliases: [x]}, b: {aliases: [x]}}",
            "expected 'x' to be an alias of one service, got 'a' and 'b'\n",
        ),
        (None, "[Errno 2] No such file or directory: "),
    ],
)
def test_what_is_wrong_with_a_file_is_a_sentence(
    file: Path, text: str | None, sentence: str
) -> None:
    file.unlink() if text is None else file.write_text(text)

    checked = Commands({}).run("catalog", "check", str(file))

    assert (checked.returncode, checked.stdout) == (1, "")
    assert checked.stderr.startswith(sentence)
