"""Put into each function's folder what it needs from outside: lib/dora and its SQL statements.

The build context of a function is its own folder. Git ignores the copies; a file is written only if
it differs, so that `func` builds a function anew only when something changed.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
LIBRARY = REPOSITORY / "lib" / "dora"
SQL = REPOSITORY / "sql"
# A statement is named by its path below sql/ without the ending.
NAME = re.compile(r'"([a-z_/-]+/[a-z_-]+)"')


def main() -> None:
    """Copy, and say what changed."""
    for file in sorted(REPOSITORY.glob("functions/*/*/func.py")):
        changed = copy_library(file.parent)
        print(f"{file.parent.relative_to(REPOSITORY)}: {changed} files changed")


def copy_library(folder: Path) -> int:
    """Make the function's `dora` the same as the library; return how many files changed."""
    wanted = {file.relative_to(LIBRARY): file for file in LIBRARY.rglob("*") if _is_source(file)}
    wanted |= {Path("sql") / file.relative_to(SQL): file for file in statements(folder)}
    target = folder / "dora"
    stale = [
        file
        for file in target.rglob("*")
        if file.is_file() and file.relative_to(target) not in wanted
    ]
    for file in stale:
        file.unlink()
    return len(stale) + sum(_copy(file, target / name) for name, file in wanted.items())


def statements(folder: Path) -> set[Path]:
    """Find the SQL files that a function names, itself or through the modules of the library."""
    text = (folder / "func.py").read_text()
    modules = re.findall(r"from dora\.(\w+) import", text)
    text += "".join((LIBRARY / f"{module}.py").read_text() for module in modules)
    metrics = re.findall(r'follow\("([a-z-]+)"', text)
    named = {SQL / f"{name}.sql" for name in NAME.findall(text)}
    own = {file for metric in metrics for file in (SQL / "metrics" / metric).glob("apply*.sql")}
    return {file for file in named if file.is_file()} | own


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
