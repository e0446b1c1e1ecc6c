"""Put into each function's folder what it needs from outside: lib/dora and all SQL that it can run.

The build context of a function is its own folder. Git ignores the copies; a file is written only if
it differs, so that `func` builds a function anew only when something changed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
LIBRARY = REPOSITORY / "lib" / "dora"
SQL = REPOSITORY / "sql"
# What the library runs; schema and staging are installed with the database.
STATEMENTS = ("commands", "endpoints", "metrics")


def main() -> None:
    """Copy, and say what changed."""
    for file in sorted(REPOSITORY.glob("functions/*/*/func.py")):
        changed = copy_library(file.parent)
        print(f"{file.parent.relative_to(REPOSITORY)}: {changed} files changed")


def copy_library(folder: Path) -> int:
    """Make the function's `dora` the same as the library; return how many files changed."""
    wanted = {file.relative_to(LIBRARY): file for file in LIBRARY.rglob("*") if _is_source(file)}
    wanted |= {Path("sql") / file.relative_to(SQL): file for file in statements()}
    target = folder / "dora"
    stale = [
        file
        for file in target.rglob("*")
        if file.is_file() and file.relative_to(target) not in wanted
    ]
    for file in stale:
        file.unlink()
    return len(stale) + sum(_copy(file, target / name) for name, file in wanted.items())


def statements() -> list[Path]:
    """Return the SQL files that a function or a command can run."""
    return [file for folder in STATEMENTS for file in sorted((SQL / folder).rglob("*.sql"))]


def _is_source(file: Path) -> bool:
    return file.suffix in (".py", ".typed")


def _copy(file: Path, target: Path) -> bool:
    if target.is_file() and target.read_bytes() == file.read_bytes():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
    return True


if __name__ == "__main__":
    main()
