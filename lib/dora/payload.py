"""Reading what tools send: JSON of which any part may be missing, null or of another kind.

Names are numbers here and text there; times come in the forms of RFC 3339, of Jira, of GitLab and as
seconds or milliseconds since 1970.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dora.errors import PermanentError
from dora.events import is_date_time

# A time of some tools: a space for the T, a space before the offset, no colon in it, UTC for Z.
LOOSE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?) ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))", re.ASCII
)
SECONDS = re.compile(r"\d{9,13}", re.ASCII)
MILLISECONDS_FROM = 100_000_000_000  # as seconds, the year 5138
SSH_ADDRESS = re.compile(r"(?:ssh://)?(?:[\w.-]+@)([\w.-]+)(?::\d+/|[:/])(.+)")


def get(value: Any, *path: str) -> Any:
    """Give what is at the path, or None where there is no such path."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def fields(value: Any, *path: str) -> dict[str, Any]:
    """Give the object at the path, or an empty one."""
    found = get(value, *path)
    return found if isinstance(found, dict) else {}


def items(value: Any, *path: str) -> list[Any]:
    """Give the list at the path, or an empty one."""
    found = get(value, *path)
    return found if isinstance(found, list) else []


def named(entries: list[Any], name: str, key: str = "name") -> Any:
    """Give the `value` of the entry with that name, as in a list of parameters, or None."""
    return next((get(entry, "value") for entry in entries if get(entry, key) == name), None)


def word(value: Any, *path: str) -> str | None:
    """Give the text at the path, a whole number as text too, or None where there is neither."""
    found = get(value, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    return found if isinstance(found, str) and found else None


def text(value: Any, *path: str) -> str:
    """Give the text at the path, a whole number as text too.

    Raises:
        PermanentError: there is none.
    """
    found = word(value, *path)
    if found is None:
        got = get(value, *path)
        raise PermanentError(f"expected {'.'.join(path)} to be text, got {got!r:.80}")
    return found


def time(value: Any, *path: str) -> str:
    """Give the time at the path in the form of RFC 3339; one that has this form stays as it is.

    Raises:
        PermanentError: there is none.
    """
    found = word(value, *path) or ""
    if is_date_time(found):
        return found
    if loose := LOOSE_TIME.fullmatch(found):
        day, clock, utc, hours, minutes = loose.groups()
        return f"{day}T{clock}{'Z' if utc else f'{hours}:{minutes}'}"
    if SECONDS.fullmatch(found):
        return _since_1970(int(found))
    got = get(value, *path)
    raise PermanentError(f"expected {'.'.join(path)} to be a time, got {got!r:.80}")


def _since_1970(number: int) -> str:
    seconds, milliseconds = divmod(number, 1000) if number >= MILLISECONDS_FROM else (number, 0)
    moment = datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix("+00:00")
    return f"{moment}.{milliseconds:03}Z" if milliseconds else f"{moment}Z"


def repository_url(address: str | None) -> str | None:
    """Give a repository's address as people open it: https, without `.git`, without a password."""
    if not address:
        return None
    ssh = SSH_ADDRESS.fullmatch(address)
    if ssh and not address.startswith("http"):
        address = f"https://{ssh[1]}/{ssh[2]}"
    return re.sub(r"(?<=://)[^/@]*@", "", address).removesuffix("/").removesuffix(".git") or None


def mark(resource: Any, name: str) -> str | None:
    """Give what a Kubernetes object says of itself in its annotation or label `dora.dev/<name>`."""
    metadata, key = fields(resource, "metadata"), f"dora.dev/{name}"
    return word(metadata, "annotations", key) or word(metadata, "labels", key)


def is_unplanned(said: str | None) -> bool | None:
    """Tell whether somebody said that it is a hotfix; None where nobody did."""
    return True if said == "true" else None
