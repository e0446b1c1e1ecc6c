"""Write each function, complete, to build/functions/: what `func` builds and deploys.

A function's own folder has what differs: func.py, func.yaml, requirements.txt. What all share comes
from templates/python/transformer, lib/dora, with its bytecode, and sql/. A file is written only if it
differs, because func builds a function anew where the time of a file in its folder is another.

Environment: NAMESPACE, the one to deploy to (dora-cloudevents).
"""

from __future__ import annotations

import functools
import importlib.util
import os
import py_compile
import re
import shutil
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
BUILD = REPOSITORY / "build" / "functions"
COMPILED = REPOSITORY / "build" / "compiled"
LIBRARY = REPOSITORY / "lib" / "dora"
SQL = REPOSITORY / "sql"
SHARED = REPOSITORY / "templates" / "python" / "transformer"
SHARED_FILES = ("Procfile", "app.sh", "constraints.txt")
OWN_FILES = ("func.py", "requirements.txt")
NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def main() -> None:
    """Copy, and say what changed."""
    namespace = os.environ.get("NAMESPACE") or "dora-cloudevents"
    if not NAMESPACE.fullmatch(namespace):
        sys.exit(f"expected NAMESPACE to be the name of a namespace, got {namespace!r:.80}")
    names = function_names()
    changed = {name: copy_function(name, BUILD / name, namespace) for name in names}
    print(
        f"{BUILD.relative_to(REPOSITORY)}: {sum(changed.values())} files changed"
        f" in {sum(map(bool, changed.values()))} of {len(names)} functions"
    )


def function_names() -> list[str]:
    """Return the functions by their folders, such as `transformers/github`."""
    folder = REPOSITORY / "functions"
    return [str(file.parent.relative_to(folder)) for file in sorted(folder.glob("*/*/func.yaml"))]


def copy_function(name: str, target: Path, namespace: str) -> int:
    """Make the folder the whole function; return how many files changed.

    Args:
        name: the function's folder, such as `transformers/github`.
        target: where it is copied to; files of func's own stay there.
        namespace: where func deploys it.
    """
    source = REPOSITORY / "functions" / name
    wanted = {Path(file): SHARED / file for file in SHARED_FILES}
    wanted |= {Path(file): source / file for file in OWN_FILES}
    copied = [_copy(file, target / place) for place, file in wanted.items()]
    return sum(copied) + copy_library(target) + _copy_definition(source, target, namespace)


def copy_library(target: Path) -> int:
    """Make the folder's `dora` the library and its SQL, and nothing else; return how many files changed."""
    library = _library()
    stale = [
        file
        for file in (target / "dora").rglob("*")
        if file.is_file() and file.relative_to(target) not in library
    ]
    for file in stale:
        file.unlink()
    return len(stale) + sum(_copy(file, target / place) for place, file in library.items())


@functools.cache
def _library() -> dict[Path, Path]:
    """Return place → file of what each function's `dora` has."""
    library = {Path("dora") / file.relative_to(LIBRARY): file for file in _sources()}
    library |= dict(
        _compiled(place, file) for place, file in library.items() if file.suffix == ".py"
    )
    library |= {Path("dora", "sql") / file.relative_to(SQL): file for file in SQL.rglob("*.sql")}
    return library


def _sources() -> list[Path]:
    return [
        file
        for file in LIBRARY.rglob("*")
        if file.is_file() and "__pycache__" not in file.relative_to(LIBRARY).parts
    ]


def _compiled(place: Path, file: Path) -> tuple[Path, Path]:
    """Return where the bytecode of a module belongs, and the file that has it.

    Python makes it at the first import else, so at each start of a container anew. It holds while the
    module's content is the same, and for a Python of the same version; another one leaves it aside.
    """
    named = Path(importlib.util.cache_from_source(str(place)))
    compiled = py_compile.compile(
        str(file),
        cfile=str(COMPILED / named),
        dfile=str(place),
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
    )
    return named, Path(str(compiled))


def _copy(file: Path, target: Path) -> bool:
    if target.is_file() and target.read_bytes() == file.read_bytes():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, target)
    return True


def _copy_definition(source: Path, target: Path, namespace: str) -> bool:
    """Write func.yaml with the namespace; what func writes into it stays while ours is the same.

    Where func once deployed to is gone with a change of the namespace, so it undeploys nothing there.
    """
    wanted = f"{(source / 'func.yaml').read_text()}namespace: {namespace}\n"
    remembered = target.with_name(f"{target.name}.func.yaml")
    if remembered.is_file() and remembered.read_text() == wanted:
        return False
    for file in (target / "func.yaml", remembered):
        file.write_text(wanted)
    return True


if __name__ == "__main__":
    main()
