"""Put into the Helm chart what it is made of: manifests, dashboards, each func.yaml, the tables' SQL.

Helm reads no file outside the chart's folder. Git ignores the copies in `charts/dora/files`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts import chart_readme

REPOSITORY = Path(__file__).parents[1]
FILES = REPOSITORY / "charts" / "dora" / "files"
PATTERNS = (
    "broker/**/*.yaml",
    "functions/*/*/func.yaml",
    "triggers/*.yaml",
    "monitoring/*.yaml",
    "sources/*.yaml",
    "sources/*/sink-binding.yaml",
    "sql/migrations/*.sql",
    "sql/schema/*.sql",
    "sql/staging/*.sql",
    "dashboards/*.json",
)


def main() -> None:
    """Copy, say how many files there are, and bring the chart's README up to date."""
    print(f"{FILES.relative_to(REPOSITORY)}: {copy_manifests(FILES)} files")
    chart_readme.write()


def copy_manifests(target: Path) -> int:
    """Make the folder hold the files that the chart is made of, and no others; count them."""
    shutil.rmtree(target, ignore_errors=True)
    files = [file for pattern in PATTERNS for file in sorted(REPOSITORY.glob(pattern))]
    for file in files:
        copy = target / file.relative_to(REPOSITORY)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return len(files)


if __name__ == "__main__":
    main()
