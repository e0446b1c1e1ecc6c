"""Rule 26: which changes touch the paths of a service; patterns are as in .gitignore."""

from __future__ import annotations

import re


def touches(paths: list[str], patterns: list[str]) -> bool:
    """Whether one of some paths fits; of several patterns that fit the last decides."""
    return any(_fits(path, patterns) for path in paths)


def _fits(path: str, patterns: list[str]) -> bool:
    fits = False
    for pattern in patterns:
        if _is_of(path, pattern.removeprefix("!")):
            fits = not pattern.startswith("!")
    return fits


def _is_of(path: str, pattern: str) -> bool:
    """Whether a pattern fits a path or a folder above it."""
    is_folder, pattern = pattern.endswith("/"), pattern.rstrip("/")
    is_whole, pattern = "/" in pattern, pattern.removeprefix("/")
    parts = path.split("/")
    last = len(parts) - 1 if is_folder else len(parts)
    return any(
        re.fullmatch(_expression(pattern), "/".join(parts[first:end]))
        for first in ([0] if is_whole else range(len(parts)))
        for end in range(first + 1, last + 1)
    )


def _expression(pattern: str) -> str:
    """Write a pattern as a regular expression: * and ? stay in a part, ** does not."""
    known = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", pattern)
    return "".join(known.get(part, re.escape(part)) for part in parts)
