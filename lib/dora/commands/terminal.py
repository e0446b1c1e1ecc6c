"""What reaches a terminal: the texts of events without what would command it, and tables that fit."""

from __future__ import annotations

import unicodedata

# Joiners belong to the words of some languages.
HARMLESS = "\n\u200c\u200d"
REPLACED = "\N{REPLACEMENT CHARACTER}"
# Control characters, marks of direction and others without a form, halves of surrogate pairs, and
# separators of lines: https://www.unicode.org/reports/tr44/#General_Category_Values
COMMANDING = ("Cc", "Cf", "Cs", "Zl", "Zp")


def plain(text: str) -> str:
    """Return a text in which nothing commands a terminal or turns the direction of writing."""
    return "".join(REPLACED if _commands(character) else character for character in text)


def _commands(character: str) -> bool:
    return unicodedata.category(character) in COMMANDING and character not in HARMLESS


def show(line: str) -> None:
    """Show a line of an answer."""
    print(plain(line))  # noqa: T201 - for the person in front of it
