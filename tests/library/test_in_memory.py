"""Where the databases of tests are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import in_memory


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(in_memory, "MEMORY", tmp_path)
    monkeypatch.setattr(in_memory, "ROOM_BYTES", 0)
    return tmp_path


def test_a_folder_in_memory_lasts_as_long_as_the_block(memory: Path) -> None:
    with in_memory.folder() as made:
        assert list(memory.iterdir()) == [made]

    assert list(memory.iterdir()) == []


def test_without_room_it_is_where_temporary_files_are(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_memory, "ROOM_BYTES", 1 << 60)

    with in_memory.folder() as made:
        assert made.is_dir()
        assert list(memory.iterdir()) == []


def test_what_a_killed_run_left_is_removed_and_what_is_in_use_stays(memory: Path) -> None:
    (memory / "dora-left" / "server").mkdir(parents=True)
    (memory / "other").mkdir()
    with in_memory.folder() as used:
        for each in memory.iterdir():
            os.utime(each, (0, 0))

        with in_memory.folder() as made:
            assert sorted(memory.iterdir()) == sorted([made, used, memory / "other"])
