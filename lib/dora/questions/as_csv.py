"""Answers as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

# The names of the columns, which are there without rows as well, and the rows.
Table = tuple[list[str], Iterable[dict[str, Any]]]
CHUNK_CHARACTERS = 64 * 1024


def as_csv(table: Table) -> str | Iterator[str]:
    """Return a table as CSV (RFC 4180), first a line of names; a large one in chunks.

    What goes wrong before the first chunk is raised here.
    """
    chunks = _chunks(table)
    first, second = next(chunks), next(chunks, None)
    return first if second is None else _joined(first, second, chunks)


def _joined(first: str, second: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield second
    yield from others


def _chunks(table: Table) -> Iterator[str]:
    names, rows = table
    written = io.StringIO()
    writer = csv.DictWriter(written, names)
    writer.writeheader()
    for row in rows:
        if written.tell() > CHUNK_CHARACTERS:
            yield _taken(written)
        writer.writerow({name: _cell(value) for name, value in row.items()})
    yield _taken(written)


def _taken(written: io.StringIO) -> str:
    text = written.getvalue()
    written.seek(0)
    written.truncate()
    return text


def _cell(value: Any) -> Any:
    """A cell that begins like a formula is text to a spreadsheet only with a quote before it."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
