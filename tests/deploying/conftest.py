"""What deploying needs of a machine: a Python like a container's, and a checkout to write into."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.functions import all_functions
from scripts.copy_functions import SHARED, SHARED_FILES
from tests.checkout import commit_all, copy_repository, git
from tests.conftest import open_folder


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with what the functions require, and without this repository."""
    folder = tmp_path_factory.mktemp("container")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    lines = {
        line
        for function in all_functions()
        for line in (function.folder / "requirements.txt").read_text().splitlines()
    }
    (folder / "requirements.txt").write_text("\n".join(sorted(lines)))
    for name in SHARED_FILES:
        shutil.copy(SHARED / name, folder)
    pip, required = str(folder / "bin" / "pip"), str(folder / "requirements.txt")
    subprocess.run([pip, "install", "--quiet", "-r", required], check=True)
    return folder / "bin"


@pytest.fixture(scope="session")
def cloned(data_folder: Path) -> Path:
    """A clone of the repository as it is in this folder now, with all of it committed."""
    folder = open_folder(data_folder)
    copy_repository(folder)
    commit_all(folder)
    return folder


@pytest.fixture
def checkout(cloned: Path) -> Path:
    """The clone as it was at first: what another test changed or made is gone."""
    git(cloned, "reset", "--quiet", "--hard")
    git(cloned, "clean", "--quiet", "-dffx", "--exclude=__pycache__")
    return cloned
