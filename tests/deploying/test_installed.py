"""The command line as people install it: by pip, in a Python of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dora.commands.command_line import LISTED
from dora.commands.completion import SHELLS
from local.processes import clean_environment
from tests.checkout import copy_repository
from tests.conftest import Database

pytestmark = pytest.mark.long

# What the shell says when a person presses the tabulator behind these words.
COMPLETE = {
    "bash": "source ./script; COMP_WORDS=(dora {0}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1));"
    ' _shtab_dora dora "${{COMP_WORDS[-1]}}"; printf "%s\\n" "${{COMPREPLY[@]}}"',
    "fish": 'source ./script; complete -C "dora {0}" | cut -f1',
}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a fresh Python has what `pip install .` puts there."""
    folder = tmp_path_factory.mktemp("installed")
    copy_repository(folder / "checkout")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = str(folder / "venv" / "bin" / "pip")
    subprocess.run([pip, "install", "--quiet", str(folder / "checkout")], check=True)
    return folder / "venv" / "bin"


def run(
    installed: Path, folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [installed / "dora", *arguments],
        cwd=folder,
        env=clean_environment() | environment,
        capture_output=True,
        check=False,
        text=True,
    )


def test_pip_installs_all_of_it(installed: Path, tmp_path: Path, database: Database) -> None:
    listed = run(installed, tmp_path)
    migrated = run(installed, tmp_path, "migrate", **database.environment)
    rebuilt = run(installed, tmp_path, "rebuild", "all", **database.environment)
    shown = run(installed, tmp_path, "catalog", "show", **database.environment)

    assert listed.returncode == 0
    assert listed.stdout.startswith("usage: dora COMMAND")
    assert migrated.stderr == "the database is up to date\n"
    assert rebuilt.stderr.splitlines()[-1].startswith("all: rebuilt in ")
    assert shown.stderr == "no catalog was ever loaded\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_understands_its_completion(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    bin_folder = Path(sys.executable).parent
    script = run(bin_folder, tmp_path, "completion", shell).stdout
    (tmp_path / "script").write_text(script)

    subprocess.run([shell, "-n", "script"], cwd=tmp_path, check=True)
    assert all(name in script for name in LISTED)


@pytest.mark.parametrize("shell", COMPLETE)
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("rep", ["replay", "report"]),
        ("metrics lead", ["lead-time-for-changes"]),
        ("metrics --bu", ["--bucket"]),
        ("report deployment --unpl", ["--unplanned"]),
    ],
)
def test_a_word_is_completed(shell: str, words: str, completed: list[str], tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    script = run(Path(sys.executable).parent, tmp_path, "completion", shell).stdout
    (tmp_path / "script").write_text(script)

    done = subprocess.run(
        [shell, "-c", COMPLETE[shell].format(words)],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        text=True,
    )

    assert sorted(done.stdout.split()) == completed
