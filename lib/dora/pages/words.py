"""Numbers, times and names as people read them."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from dora.times import instant

if TYPE_CHECKING:
    from datetime import tzinfo

MINUTE, HOUR, DAY = 60, 3600, 86400
# Days of a year and a month, as frequencies are said.
YEAR_DAYS, MONTH_DAYS = 365, 30
LONGEST_NAME, LONGEST_TITLE = 48, 400
COMMIT, SHORT_COMMIT = re.compile(r"[0-9a-f]{40}"), 10
# What dora.questions.levels says where too little is behind a value.
TOO_FEW = re.compile(r"at least (\d+) [\w ]+, there are (\d+)$")
CANCELLED = frozenset({"Cc", "Cs"})


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units, such as 2 h 10 min."""
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < 10 * MINUTE:
        return _two(whole, MINUTE, "min", 1, "s")
    if whole < HOUR:
        return f"{round(whole / MINUTE)} min"
    if whole < DAY:
        return _two(round(whole / MINUTE) * MINUTE, HOUR, "h", MINUTE, "min")
    if whole < 14 * DAY:
        return _two(round(whole / HOUR) * HOUR, DAY, "d", HOUR, "h")
    return f"{round(whole / DAY)} d"


def _two(whole: int, large: int, large_unit: str, small: int, small_unit: str) -> str:
    first, rest = divmod(whole, large)
    second = rest // small
    return f"{first} {large_unit}" + (f" {second} {small_unit}" if second else "")


def number(value: float) -> str:
    """Return a number with as many digits as tell something."""
    digits = 0 if abs(value) >= 100 else 2 if abs(value) < 1 else 1  # noqa: PLR2004
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(value: int, one: str, many: str | None = None) -> str:
    """Return how many of what, such as 1 deployment, 12 deployments."""
    return f"{value:,} {one if value == 1 else many or f'{one}s'}"


def per(value: float) -> tuple[float, str]:
    """Return in how many days, and in what, so many a day are best said."""
    if value >= 1:
        return 1, "a day"
    if value >= 1 / 7:
        return 7, "a week"
    if value >= 1 / MONTH_DAYS:
        return MONTH_DAYS, "a month"
    return YEAR_DAYS, "a year"


def value_in_words(unit: str, value: float | None) -> str:
    """Return a metric's value, such as 2 h 10 min, 3.5 a week or 7.9 %."""
    if value is None:
        return "not known"
    if unit == "seconds":
        return duration(value)
    if unit == "ratio":
        return f"{number(value * 100)} %"
    if value == 0:
        return "none"
    days, word = per(value)
    return f"{number(value * days)} {word}"


def change_in_words(unit: str, value: float, change: float) -> str:
    """Return how much a value changed to what it is now; empty where nobody would see it."""
    if unit == "seconds":
        size, words = duration(abs(change)), ("longer", "shorter")
    elif unit == "ratio":
        size, words = f"{number(abs(change) * 100)} points", ("higher", "lower")
    else:
        days, word = per(max(value, value - change))
        size, words = f"{number(abs(change) * days)} {word}", ("more", "less")
    if size.startswith(("0 ", "0.00")):
        return ""
    return f"{size} {words[change < 0]}"


def reason_in_words(reason: str) -> str:
    """Return the reason why there is no value or no level; with how many more a level takes."""
    found = TOO_FEW.search(reason)
    more = f": {int(found[1]) - int(found[2])} more" if found else ""
    return f"{reason[:1].upper()}{reason[1:]}{more}"


def is_better(unit: str, change: float) -> bool:
    """Return whether a change is for the better: more deployments, less of all else."""
    return (change > 0) == (unit not in ("seconds", "ratio"))


def moment(text: str, zone: tzinfo) -> str:
    """Return a date-time to the minute, in a time zone."""
    at = _at(text, zone)
    return f"{at.day} {at:%b %Y, %H:%M}" if at else text


def day(text: str, zone: tzinfo, *, year: bool = False) -> str:
    """Return the day of a date-time, in a time zone."""
    at = _at(text, zone)
    if at is None:
        return text
    return f"{at.day} {at:%b %Y}" if year else f"{at.day} {at:%b}"


def date(text: str, zone: tzinfo, *, after: bool = False) -> str:
    """Return the date of a date-time in a time zone, or the one after it, as questions have it."""
    at = _at(text, zone)
    return str((at + timedelta(days=int(after))).date()) if at else text


def _at(text: str, zone: tzinfo) -> datetime | None:
    """Return a moment in a time zone; None where Python knows no such time."""
    at = instant(text)
    try:
        return None if isinstance(at, str) else at.astimezone(zone)
    except OverflowError:
        return None


def bucket_in_words(start: str, bucket: str, zone: tzinfo) -> str:
    """Return which bucket begins then, such as 12 to 18 Oct."""
    at = _at(start, zone)
    if at is None:
        return start
    if bucket == "week":
        last = at + timedelta(days=6)
        return f"{at.day} {at:%b} to {last.day} {last:%b}"
    if bucket == "month":
        return f"{at:%b %Y}"
    if bucket == "quarter":
        return f"Q{(at.month + 2) // 3} {at.year}"
    return str(at.year) if bucket == "year" else day(start, zone)


def between(start: str, end: str) -> str:
    """Return how long it took from one date-time to another."""
    first, last = instant(start), instant(end)
    if isinstance(first, str) or isinstance(last, str):
        return ""
    return duration(max(0.0, (last - first).total_seconds()))


def cut(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a text, of a long one its beginning and its end; what is no character is left out."""
    plain = "".join(
        " " if unicodedata.category(each) in CANCELLED else each for each in text[:10_000]
    )
    if len(plain) <= longest:
        return plain
    return f"{plain[: longest - 13]}…{plain[-12:]}"


def artifact(text: str) -> str:
    """Return what an artifact is called by people: of a package URL its name and its version."""
    body, _, qualifiers = text.removeprefix("pkg:").partition("?")
    name, _, version = body.rpartition("/")[2].partition("@")
    tags = [value for key, value in parse_qsl(qualifiers) if key == "tag"]
    version = tags[0] if tags else version
    version = version[:SHORT_COMMIT] if COMMIT.fullmatch(version) else version
    return f"{unquote(name)} {unquote(version)}".strip() if text.startswith("pkg:") else text


def web_link(text: Any) -> str | None:
    """Return an address that a page may link to: of http or https, and no other."""
    if not isinstance(text, str) or any(each <= " " for each in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def commit_link(repository: str, sha: str) -> str | None:
    """Return where a forge shows a commit, as most of them do."""
    address = web_link(repository)
    if not address:
        return None
    host = urlsplit(address).netloc
    folder = "-/commit" if "gitlab" in host else "commits" if "bitbucket" in host else "commit"
    return f"{address.rstrip('/')}/{folder}/{sha}"
