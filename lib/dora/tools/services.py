"""Which service and environment a tool means that knows neither, or knows them by other names.

Settings, read from the environment:
    SERVICES             what the tool calls a service, and what it is: a line each,
                         `PABC123 = shop, production`, or a JSON object,
                         `{"PABC123": {"service": "shop", "environment": "production"}}`
    DEFAULT_ENVIRONMENT  the environment where nothing says one; "production" if not set
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from dora.errors import TemporaryError
from dora.settings import setting
from dora.tools.payloads import fields, word


class Service(NamedTuple):
    """A service in an environment; either may be unknown."""

    name: str | None
    environment: str | None


def environment(*told: str | None) -> dict[str, str]:
    """Give the first environment that is told, else the default, as CDEvents write it."""
    found = next(filter(None, told), None)
    return {"id": found or setting("DEFAULT_ENVIRONMENT", "production")}


def known_as(*names: str | None) -> Service:
    """Give the service that one of the tool's names stands for in SERVICES; the first that is there.

    Raises:
        TemporaryError: SERVICES cannot be read; it is the deployer's to mend, and nothing is lost.
    """
    catalog = _catalog(setting("SERVICES"))
    return next((catalog[name] for name in names if name in catalog), Service(None, None))


def affected(
    *names: str | None, service: str | None, environment_id: str | None = None
) -> dict[str, Any]:
    """Give what an incident says of its service and environment.

    Args:
        names: the tool's names for it, looked up in SERVICES.
        service: the service where SERVICES does not know it; None is unknown.
        environment_id: the environment where SERVICES does not know it.
    """
    known = known_as(*names)
    name = known.name or service
    content: dict[str, Any] = {"environment": environment(known.environment, environment_id)}
    return content | ({"service": {"id": name}} if name else {})


@cache
def _catalog(text: str) -> dict[str, Service]:
    try:
        return _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    except ValueError as error:
        raise TemporaryError(
            f"the setting SERVICES cannot be read: expected JSON or lines such as 'PABC123 = shop, production' ({error})"
        ) from None


def _from_json(text: str) -> dict[str, Service]:
    entries = json.loads(text)
    return {
        name: Service(word(fields(entries, name), "service"), word(entry, "environment"))
        for name, entry in entries.items()
    }


def _from_lines(text: str) -> dict[str, Service]:
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return dict(_from_line(line) for line in lines if line)


def _from_line(line: str) -> tuple[str, Service]:
    name, equals, meant = line.partition("=")
    service, _, environment_id = meant.partition(",")
    if not equals or not meant.strip(" ,"):
        raise ValueError(f"got {line!r:.80}")
    return name.strip(), Service(service.strip() or None, environment_id.strip() or None)
