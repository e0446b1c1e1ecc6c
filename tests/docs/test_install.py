"""What docs/install.md shows works, as far as it needs no cluster."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from local.postgresql import schema_files
from tests.docs.blocks import PARTS, Block, blocks, checkout, run

BLOCKS = list(blocks("install.md"))
HERE = [block for block in BLOCKS if block.place == "here"]


def test_every_block_says_where_it_runs() -> None:
    assert {block.place for block in BLOCKS} == {"here", "cluster", "plain", "yours"}


@pytest.mark.parametrize("block", HERE, ids=lambda block: block.commands.split()[0])
def test_what_needs_no_cluster_works(block: Block, tmp_path: Path) -> None:
    for program in ("helm", "kubectl"):
        if program in block.commands and not shutil.which(program):
            pytest.skip(f"there is no {program}")

    shown = run(block, checkout(tmp_path), {"HOME": str(tmp_path)})

    assert shown


@pytest.mark.skipif(not shutil.which("kubectl"), reason="there is no kubectl")
def test_the_init_sql_without_helm_is_the_schema_in_its_order(tmp_path: Path) -> None:
    [block] = [block for block in HERE if "dora-init-sql" in block.commands]

    made, settings = yaml.safe_load_all("---\n".join(_split(run(block, checkout(tmp_path)))))

    assert made["data"]["init.sql"] == "".join(file.read_text() for file in schema_files())
    assert settings["data"] == {"PGHOST": "postgresql", "PGDATABASE": "dora"}


def _split(shown: str) -> list[str]:
    """Two answers of kubectl, without a line between them."""
    first, second = shown.split("\napiVersion: ", 1)
    return [f"{first}\n", f"apiVersion: {second}"]


def test_the_files_that_commands_name_are_there() -> None:
    root = Path(__file__).parents[2]
    words = [word for block in BLOCKS for word in block.commands.split()]
    named = [word for word in words if word.split("/")[0] in PARTS and word != "broker/dora"]

    assert named
    assert [word for word in named if not list(root.glob(word))] == []
