"""What tools put into their events: fields that may be missing, times in several shapes.

A transformer reads with these, so that a field that is gone, null or of another kind ends in nothing
or in one sentence, never in a bug.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dora.errors import PermanentError
from dora.events import CONTROL_CHARACTERS
from dora.limits import NAME_BYTES, too_long
from dora.times import rfc3339

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

NUMBER = re.compile(r"\d{1,15}", re.ASCII)
NANOSECONDS = re.compile(r"\d{19}", re.ASCII)
SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)
URL = re.compile(r"https?://[\w.-]+(:\d+)?(/[\w.~%!$&'()*+,;=:@-]+)*", re.ASCII)
# RFC 3339, and as GitLab writes it: 2021-04-28 21:50:00 +0200, 2016-08-12 15:23:28 UTC. Jira leaves
# out the offset's colon; Harbor writes seconds since 1970, Jenkins and Jira milliseconds, Opsgenie both
# those and nanoseconds.
TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?) ?(Z|UTC|[+-]\d\d:?\d\d)",
    re.ASCII | re.IGNORECASE,
)
MILLISECONDS_FROM = 100_000_000_000  # in seconds it would be the year 5138
SSH = re.compile(r"(?:ssh://)?[\w.-]+@([\w.-]+)(?::\d+/|[:/])(.+)", re.ASCII)
# What programs write for a time that is not set: Go's first moment, the first second of Unix.
NOWHEN = (datetime.min.replace(tzinfo=UTC), datetime.fromtimestamp(0, UTC))


def require_object(event: CloudEvent) -> dict[str, Any]:
    """Return the event's data, which has to be an object.

    Raises:
        PermanentError: it is none.
    """
    if not isinstance(event.data, dict):
        raise PermanentError(f"expected data to be an object, got {event.data!r:.80}")
    return event.data


def get(value: Any, *path: str) -> Any:
    """Return what is at the path, or None where there is no such path."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def listed(value: Any, *path: str) -> list[Any]:
    """Return the list at the path, or an empty one."""
    found = get(value, *path)
    return found if isinstance(found, list) else []


def fields(value: Any, *path: str) -> dict[str, Any]:
    """Return the object at the path, or an empty one."""
    found = get(value, *path)
    return found if isinstance(found, dict) else {}


def word(value: Any, *path: str) -> str | None:
    """Return any text at the path, with line breaks too, a whole number in its digits, or None."""
    found = get(value, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found) if abs(found) < 2**63 else None
    return found if isinstance(found, str) and found else None


def named(entries: list[Any], *names: str) -> str | None:
    """Return the first of these names that has a text as its value, as in a list of parameters."""
    values = {word(entry, "name"): word(entry, "value") for entry in entries}
    return next((found.strip() for name in names if (found := values.get(name))), None)


def repository_url(address: str | None) -> str | None:
    """Return a repository's address as people open it: https, without .git, without a password."""
    ssh = SSH.fullmatch(address or "")
    if ssh and not (address or "").startswith("http"):
        address = f"https://{ssh[1]}/{ssh[2]}"
    bare = re.sub(r"(?<=://)[^/@]*@", "", address or "")
    return bare.rstrip("/").removesuffix(".git") or None


def text_or_none(value: Any, *path: str) -> str | None:
    """Return the text at the path that an attribute can hold, or None."""
    found = get(value, *path)
    is_text = isinstance(found, str) and found and not CONTROL_CHARACTERS.search(found)
    return found if is_text else None


def text(value: Any, *path: str) -> str:
    """Return the text at the path.

    Raises:
        PermanentError: there is none, or it has control characters.
    """
    return _required(text_or_none(value, *path), "text", value, path)


def number(value: Any, *path: str) -> str:
    """Return the whole number at the path in its digits, also where it comes as text.

    Raises:
        PermanentError: there is none.
    """
    found = number_or_none(value, *path)
    return _required(None if found is None else str(found), "a number", value, path)


def number_or_none(value: Any, *path: str) -> int | None:
    """Return the whole number at the path, also where it comes as text, or None."""
    found = get(value, *path)
    is_number = not isinstance(found, bool) and NUMBER.fullmatch(str(found))
    return int(found) if is_number else None


def sha(value: Any, *path: str) -> str:
    """Return the full name of a commit at the path.

    Raises:
        PermanentError: there is none.
    """
    return _required(sha_or_none(value, *path), "a commit's full name", value, path)


def sha_or_none(value: Any, *path: str) -> str | None:
    """Return the full name of a commit at the path; None for another or for that of no commit."""
    found = get(value, *path)
    is_sha = isinstance(found, str) and SHA.fullmatch(found) and found.strip("0")
    return found if is_sha else None


def url(value: Any, *path: str) -> str:
    """Return the address at the path, without a slash or .git at its end.

    Raises:
        PermanentError: there is none.
    """
    found = str(get(value, *path)).rstrip("/").removesuffix(".git")
    return _required(found if URL.fullmatch(found) else None, "a URL", value, path)


def time(value: Any, *path: str) -> str:
    """Return the time at the path, RFC 3339 in UTC.

    Raises:
        PermanentError: there is none.
    """
    return _required(time_or_none(value, *path), "a time", value, path)


def time_or_none(value: Any, *path: str) -> str | None:
    """Return the time at the path in UTC, so that one moment is always the same text; or None."""
    moment = _moment(get(value, *path))
    if moment is None or moment in NOWHEN:
        return None
    return rfc3339(moment)


def _moment(found: Any) -> datetime | None:
    try:
        if NANOSECONDS.fullmatch(str(found)):
            found = int(found) // 1_000_000
        if not isinstance(found, bool) and NUMBER.fullmatch(str(found)):
            seconds, milliseconds = divmod(int(found), 1000)
            if int(found) < MILLISECONDS_FROM:
                return datetime.fromtimestamp(int(found), UTC)
            return datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=milliseconds)
        match = TIME.fullmatch(found) if isinstance(found, str) else None
        if match is None:
            return None
        day, clock, zone = match.groups()
        zone = "+00:00" if zone.upper() in ("Z", "UTC") else zone
        return datetime.fromisoformat(f"{day}T{clock}{zone}").astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None  # it has the form of a time, but there is no such moment


def _required(found: str | None, kind: str, value: Any, path: tuple[str, ...]) -> str:
    if found is None:
        raise PermanentError(
            f"expected {'.'.join(path)} to be {kind}, got {get(value, *path)!r:.80}"
        )
    return found


def shortened(name: str, limit: int = NAME_BYTES) -> str:
    """Return a name as it is, or how it begins and its digest where it has more bytes in UTF-8."""
    if not too_long(name, limit):
        return name
    digest = hashlib.sha256(name.encode(errors="replace")).hexdigest()
    beginning = name.encode(errors="replace")[: limit - len(digest) - 1]
    return f"{beginning.decode(errors='ignore')} {digest}"
