"""Answers as CSV: one row per bucket of a group, or per entry of a list."""

from __future__ import annotations

import csv
import io
import json
from typing import Any


def as_table(answer: dict[str, Any]) -> str:
    """Give an answer of the metrics endpoint as CSV (RFC 4180) with a line of names."""
    rows = _rows(answer)
    names = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO()
    writer = csv.DictWriter(written, names)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return written.getvalue()


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    if "groups" in answer:
        return [
            _bucket_row(answer, group, each)
            for group in answer["groups"]
            for each in group["buckets"]
        ]
    if "services" in answer:
        return [
            {"service": each["service"], "metric": metric, **(found or {})}
            for each in answer["services"]
            for metric, found in each["metrics"].items()
        ]
    [rows] = [value for value in answer.values() if isinstance(value, list)]
    return rows


def _bucket_row(
    answer: dict[str, Any], group: dict[str, Any], bucket: dict[str, Any]
) -> dict[str, Any]:
    label = {name: group.get(name) for name in ("service", "environment", "team") if name in group}
    return {"metric": answer["metric"], **label, **bucket, "unit": answer["unit"]}


def _cell(value: Any) -> Any:
    """A cell that begins like a formula is text to a spreadsheet only with a quote before it."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
