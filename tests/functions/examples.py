"""The transformers' examples: what a source sends, and the CDEvents that it becomes."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
INPUTS = sorted(FOLDER.glob("*/inputs/**/*.json"))


def transformer(file: Path) -> str:
    """Return the name of the transformer that an input is for."""
    return file.relative_to(FOLDER).parts[0]


def outputs(file: Path) -> list[Path]:
    """Return the files of the CDEvents that an input becomes."""
    first = Path(str(file).replace("/inputs/", "/outputs/"))
    return [*first.parent.glob(first.name), *sorted(first.parent.glob(f"{first.stem}.*.json"))]
