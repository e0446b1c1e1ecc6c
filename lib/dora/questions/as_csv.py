"""Answers as CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

# The names of the columns, which are there without rows as well, and the rows.
Table = tuple[list[str], list[dict[str, Any]]]


def as_csv(table: Table) -> str:
    """Return a table as CSV (RFC 4180), first a line of names."""
    names, rows = table
    written = io.StringIO()
    writer = csv.DictWriter(written, names)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    """A cell that begins like a formula is text to a spreadsheet only with a quote before it."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
