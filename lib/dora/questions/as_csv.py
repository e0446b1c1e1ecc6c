"""Answers as CSV: one row per bucket of a group, or per entry of a list."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from dora.questions.shapes import BUCKET, EVIDENCE, SUMMARY


def as_table(answer: dict[str, Any], group_by: str | None) -> str:
    """Give an answer of the metrics endpoint as CSV (RFC 4180), first a line of names."""
    names, rows = _table(answer, group_by)
    written = io.StringIO()
    writer = csv.DictWriter(written, names)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return written.getvalue()


def _table(answer: dict[str, Any], group_by: str | None) -> tuple[list[str], list[dict[str, Any]]]:
    """Give the names of the columns, which are there without rows as well, and the rows."""
    if "groups" in answer:
        label = [group_by] if group_by else []
        return ["metric", *label, *BUCKET["required"], "unit"], _buckets(answer, label)
    if "services" in answer:
        return ["service", "metric", *SUMMARY["required"]], _summaries(answer)
    [name] = EVIDENCE.keys() & answer.keys()
    return EVIDENCE[name]["required"], answer[name]


def _buckets(answer: dict[str, Any], label: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "metric": answer["metric"],
            **{name: group[name] for name in label},
            **bucket,
            "unit": answer["unit"],
        }
        for group in answer["groups"]
        for bucket in group["buckets"]
    ]


def _summaries(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"service": each["service"], "metric": metric, **told}
        for each in answer["services"]
        for metric, told in each["metrics"].items()
    ]


def _cell(value: Any) -> Any:
    """A cell that begins like a formula is text to a spreadsheet only with a quote before it."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
