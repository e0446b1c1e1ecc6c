"""Complete a folder that `func create -t dora/transformer` (or dora/metric) made; `make complete` runs it.

func copies the template and writes a func.yaml of its own. What is missing then is the library, and
what the template's func.yaml says of labels, scale, resources and environment. It may run again: the
library is brought up to date, and what the func.yaml says of its own stays.

Environment: FOLDER, what func has made.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import yaml

from scripts.copy_functions import REPOSITORY, copy_library

TEMPLATES = REPOSITORY / "templates" / "python"
# What only a metric needs: the database.
OF_A_METRIC = "pg8000"


def main() -> None:
    """Complete it, and say what was done."""
    folder = Path(os.environ.get("FOLDER", ""))
    definition = folder / "func.yaml"
    if not os.environ.get("FOLDER") or not definition.is_file():
        sys.exit(f"expected FOLDER to be what `func create` made, with a func.yaml, got {folder}")
    is_metric = OF_A_METRIC in (folder / "requirements.txt").read_text()
    template = TEMPLATES / ("metric" if is_metric else "transformer") / "func.yaml"
    said = yaml.safe_load(definition.read_text())
    definition.write_text(
        yaml.safe_dump(merged(said, yaml.safe_load(template.read_text())), sort_keys=False)
    )
    print(f"{folder}: {copy_library(folder)} files of the library, {template.parent.name}")


def merged(own: dict[str, Any], template: dict[str, Any]) -> dict[str, Any]:
    """Return a func.yaml with what it does not say itself from the template's."""
    for part, names in {"run": ("envs", "volumes"), "deploy": ("labels", "options")}.items():
        known = template.get(part, {})
        section = own.setdefault(part, {})
        section |= {name: known[name] for name in names if name in known and not section.get(name)}
    return own


if __name__ == "__main__":
    main()
