"""The least that a function of parliament can do."""

from __future__ import annotations

from parliament import Context


def main(_context: Context) -> tuple[str, int]:
    """Answer nothing."""
    return "", 204
