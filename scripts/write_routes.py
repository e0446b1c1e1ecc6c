"""Write the tables of docs/questions.md: the metrics endpoint's paths and their parameters.

`python -m scripts.write_routes`; a test compares the page with what this would write.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from dora.questions.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = Path(__file__).parents[1] / "docs" / "questions.md"
TABLE = re.compile(r"(<!-- made by scripts/write_routes.py -->\n).*?(<!-- end -->)", re.DOTALL)
Row = tuple[str, ...]


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(written())


def written() -> str:
    """Return the page with its tables as they should be."""
    tables = iter((paths(), parameters()))
    return TABLE.sub(lambda found: found[1] + next(tables) + found[2], PAGE.read_text())


def paths() -> str:
    """Return a row for each path: what it answers."""
    return _table(
        ("path", "what it answers"),
        [(f"`GET {path}`", route.says) for path, route in ROUTES.items()],
    )


def parameters() -> str:
    """Return a row for each parameter and meaning: of which paths."""
    paths_of: dict[tuple[str, str], dict[str, None]] = {}
    for path, route in ROUTES.items():
        for name, parameter in route.parameters.items():
            paths_of.setdefault((name, parameter.says), {})[_shortened(path)] = None
    return _table(
        ("parameter", "what it means", "of"),
        [(f"`{name}`", says, ", ".join(of)) for (name, says), of in paths_of.items()],
    )


def _shortened(path: str) -> str:
    folder, _, _ = path.rpartition("/")
    return f"`{folder}/…`" if folder else f"`{path}`"


def _table(heads: Row, rows: Iterable[Row]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    main()
