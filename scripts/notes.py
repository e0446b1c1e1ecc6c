"""Print what CHANGELOG.md says of the version in pyproject.toml: a release's notes."""

from __future__ import annotations

import re
import sys
import tomllib

from scripts.copy_chart import REPOSITORY


def main() -> None:
    """Print it."""
    print(notes((REPOSITORY / "CHANGELOG.md").read_text(), version()))


def version() -> str:
    """Return the version of what is here."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def notes(changelog: str, of: str) -> str:
    """Return the section of a version, without its heading."""
    section = re.search(
        rf"^## {re.escape(of)}\b.*?\n(.*?)(?=^## |\Z)", changelog, re.DOTALL | re.MULTILINE
    )
    if section is None:
        sys.exit(f"expected CHANGELOG.md to have a section {of}, found none")
    return section[1].strip()


if __name__ == "__main__":
    main()
