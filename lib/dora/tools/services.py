"""Which service and environment a tool means that knows neither, or knows them by other names.

What its names mean is known where metrics are computed, by the catalog: docs/metrics.md, rules 1 to 3.
"""

from __future__ import annotations

from typing import Any, NamedTuple

# What is written where nobody said an environment; the catalog's `default_environment` is meant.
ASSUMED = "production"


class Where(NamedTuple):
    """Parts of a CDEvent that say of which service and environment it is.

    Attributes:
        content: of the subject's content.
        dora: of customData.dora.
    """

    content: dict[str, Any]
    dora: dict[str, Any]


def environment(*reported: str | None) -> Where:
    """Return the first environment that is reported; without any, one that is only assumed."""
    found = next(filter(None, reported), None)
    return Where(
        {"environment": {"id": found or ASSUMED}}, {} if found else {"assumedEnvironment": True}
    )


def affected(*names: str | None, service: str | None, environment_id: str | None = None) -> Where:
    """Return what an incident says of its service and environment.

    Args:
        names: all that the tool calls the service, in the order in which the catalog is asked.
        service: the service where the catalog knows none of them; None is unknown.
        environment_id: the environment, where the tool reports one.
    """
    where = environment(environment_id)
    named = {"service": {"id": service}} if service else {}
    return Where(where.content | named, where.dora | service_names(service, *names))


def service_names(service: str | None, *names: str | None) -> dict[str, Any]:
    """Return all that a tool calls a service as a part of customData.dora; none if it is one name."""
    known = [*dict.fromkeys(filter(None, names))]
    return {} if known in ([], [service]) else {"serviceNames": known}
