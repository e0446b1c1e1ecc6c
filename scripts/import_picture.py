"""Print who imports whom in lib/dora: `python -m scripts.import_picture [modules]`.

A room is a module of the frame or a whole package; with `modules`, each module is one by itself.
Lower floors come first: a room imports only from floors below its own.
"""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

LIBRARY = Path(__file__).parents[1] / "lib" / "dora"
Picture = dict[str, set[str]]


def module_picture(library: Path = LIBRARY) -> Picture:
    """Return each module of the library with the modules of it that it imports."""
    files = {_name(file.relative_to(library)): file for file in sorted(library.rglob("*.py"))}
    del files["__init__"]  # the map of the others, no room
    return {name: imported(file, set(files)) - {name} for name, file in files.items()}


def imported(file: Path, modules: set[str]) -> set[str]:
    """Return which modules of the library a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "dora":
            source = (node.module or "").partition(".")[2]
            names = {f"{source}.{name.name}".lstrip(".") for name in node.names}
            found |= (names & modules) or {source}
    return found & modules


def room_picture(modules: Picture) -> Picture:
    """Return each room with the rooms that its modules import."""
    rooms: Picture = {}
    for module, imported in modules.items():
        here = rooms.setdefault(_room(module), set())
        here |= {_room(one) for one in imported} - {_room(module)}
    return rooms


def floors(picture: Picture) -> list[list[str]]:
    """Return the names of each floor, the lowest first.

    Raises:
        graphlib.CycleError: imports run in a circle; the error names it.
    """
    height: dict[str, int] = {}
    for name in TopologicalSorter(picture).static_order():
        height[name] = 1 + max((height[one] for one in picture[name]), default=-1)
    return [
        sorted(name for name in picture if height[name] == floor)
        for floor in range(max(height.values()) + 1)
    ]


def _name(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix("__init__").rstrip(".") or "__init__"


def _room(module: str) -> str:
    return module.partition(".")[0]


def main() -> None:
    """Print the picture, and how large it is."""
    modules = module_picture()
    picture = modules if sys.argv[1:] == ["modules"] else room_picture(modules)
    for number, names in enumerate(floors(picture)):
        print(f"floor {number}")
        for name in names:
            print(f"  {name:22}{', '.join(sorted(picture[name]))}".rstrip())
    arrows = sum(map(len, picture.values()))
    print(f"{len(picture)} rooms, {arrows} arrows, no circle")


if __name__ == "__main__":
    main()
