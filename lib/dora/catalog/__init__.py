"""The catalog: what events cannot say of services and environments.

It is read from `catalog.yaml`, the file that the setting DORA_CATALOG names, and from the other YAML
files of its folder (further keys of the same ConfigMap), each of which holds entities of Backstage or
more of the same, and kept in the database: whoever follows the log first after a change loads it, all of it or nothing. A function that
has no such file leaves in the database what is there.
"""

from __future__ import annotations

import functools
import json
import logging
import os
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from dora import database
from dora.catalog import backstage, entries
from dora.catalog.entries import CatalogError, Rows
from dora.database import run, transaction
from dora.timeline import TIMELINE, lock

log = logging.getLogger(__name__)


class Catalog(NamedTuple):
    """The rows of the catalog's tables as JSON, or why there are none."""

    content: str | None
    problem: str | None

    @property
    def digest(self) -> str:
        """What another catalog has otherwise."""
        return sha256((self.content or "").encode()).hexdigest()


def refresh() -> None:
    """Load the catalog into the database, if it is another than the one that was loaded last.

    One that cannot be read changes nothing: the sentence that says why is logged, and kept beside
    what was loaded before.
    """
    stamp = _stamp(os.environ.get("DORA_CATALOG", ""))
    if stamp and database.seen("catalog") != stamp:
        _load(_read(stamp))
        database.note("catalog", stamp)


def _load(catalog: Catalog) -> None:
    with transaction():
        # Nobody computes meanwhile. It is a statement of its own, so that the next reads what is newer.
        lock(TIMELINE)
        if catalog.problem:
            log.error("%s", catalog.problem)
            run("metrics/refuse_catalog", problem=catalog.problem)
        else:
            run("metrics/load_catalog", digest=catalog.digest, content=catalog.content)
            run("metrics/apply_catalog")


Stamp = tuple[tuple[str, int, int], ...]


def _stamp(named: str) -> Stamp:
    """Return of each file of the catalog its path, size and time of change; none without any."""
    if not named or not Path(named).is_file():
        return ()
    found = [(file, file.stat()) for file in files(Path(named))]
    return tuple((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in found)


def files(catalog: Path) -> list[Path]:
    """Return catalog.yaml, and the files of entities beside it."""
    others = [*catalog.parent.glob("*.yaml"), *catalog.parent.glob("*.yml")]
    return [catalog, *sorted(file for file in others if _is_entities(file, catalog))]


def _is_entities(file: Path, catalog: Path) -> bool:
    return file.is_file() and file != catalog and not file.name.startswith(".")


@functools.lru_cache(maxsize=1)
def _read(stamp: Stamp) -> Catalog:
    try:
        found = read([Path(name) for name, _size, _changed in stamp])
        return Catalog(json.dumps(found, sort_keys=True), None)
    except (CatalogError, OSError, UnicodeDecodeError) as error:
        return Catalog(None, f"the catalog stays as it was: {error}")


def read(catalog: list[Path]) -> Rows:
    """Return the rows of the catalog's tables, of catalog.yaml and the files beside it.

    Raises:
        CatalogError: a file is not what was expected.
        OSError, UnicodeDecodeError: a file cannot be read.
    """
    first, *others = catalog
    said = entries.read(first.name, first.read_text())
    return rows(said, *(_further(file.name, file.read_text()) for file in others))


def _further(file: str, written: str) -> entries.Entries:
    """Return what another file says; entities have a kind, a catalog has none."""
    is_entities = any(
        not isinstance(document, dict) or "kind" in document
        for document in entries.documents(file, written)
    )
    return backstage.read(file, written) if is_entities else entries.read(file, written)


def rows(*sources: entries.Entries) -> Rows:
    """Return the rows of the catalog's tables; what an earlier source says goes before a later one."""
    return entries.rows(functools.reduce(entries.merged, sources))
