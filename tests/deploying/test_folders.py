"""Each function's folder by itself, as a buildpack takes it: its requirements, its `app.sh`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.functions import Function, all_functions, url
from local.processes import Program, answers, clean_environment, free_port
from scripts.copy_library import copy_library
from tests.conftest import Database
from tests.waiting import wait_until


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with what the functions require, and without this repository."""
    folder = tmp_path_factory.mktemp("container")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    required = [
        option
        for function in all_functions()
        for option in ("-r", str(function.folder / "requirements.txt"))
    ]
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", *required], check=True)
    return folder / "bin"


def copy_function(function: Function, folder: Path) -> None:
    """Copy what belongs to a function, and nothing that another test may be making there."""
    shutil.copytree(function.folder, folder, ignore=shutil.ignore_patterns("dora", "__pycache__"))


@pytest.fixture
def served(
    request: pytest.FixtureRequest, tmp_path: Path, container: Path, database: Database
) -> Iterator[str]:
    """A function served from a copy of its folder after `make functions`."""
    function: Function = request.param
    folder = tmp_path / function.name
    copy_function(function, folder)
    copy_library(folder)
    environment = clean_environment() | database.environment | function.environment
    environment |= {"PATH": f"{container}:/usr/bin:/bin", "ADDRESS": "127.0.0.1"}
    environment |= {"PORT": str(free_port())}
    program = Program(function.name, [str(folder / "app.sh")], environment, tmp_path / "log")
    program.start()
    program.wait_until(lambda: answers(f"{url(program)}/health/readiness"))
    yield url(program)
    program.stop()
    assert program.process
    assert program.process.returncode == 0


@pytest.mark.parametrize("served", all_functions(), ids=lambda each: each.name, indirect=True)
def test_a_function_serves_from_its_folder_alone(served: str) -> None:
    wait_until(lambda: answers(f"{served}/health/liveness"))


@pytest.mark.parametrize("function", all_functions(), ids=lambda each: each.name)
def test_copying_the_library_again_changes_nothing(function: Function, tmp_path: Path) -> None:
    folder = tmp_path / function.name
    copy_function(function, folder)

    assert copy_library(folder) > 0
    assert copy_library(folder) == 0


def test_what_the_library_no_longer_has_is_removed_from_the_copy(tmp_path: Path) -> None:
    folder = tmp_path / "function"
    copy_function(all_functions()[0], folder)
    copy_library(folder)
    (folder / "dora" / "gone.py").touch()

    assert copy_library(folder) == 1
    assert not (folder / "dora" / "gone.py").exists()
