"""How long, how many and how late what a CDEvent says may be.

Every index of the database holds the longest that is let through, so that no event stops a metric.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dora.limits import (
    ARTIFACT_BYTES,
    ENVIRONMENT_BYTES,
    FINGERPRINT_BYTES,
    NAME_BYTES,
    UID_BYTES,
    too_long,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# Place → how many bytes of UTF-8 a text there may have; in a list, each.
LONGEST = {
    **dict.fromkeys(
        (
            "context.id",
            "context.source",
            "context.type",
            "context.chainId",
            "context.links.from.contextId",
            "context.links.target.contextId",
            "subject.id",
            "subject.source",
            "subject.content.service.id",
            "subject.content.repository.id",
            "subject.content.change.id",
            "subject.content.change.source",
            "subject.content.deployment.id",
            "subject.content.deployment.source",
            "subject.content.incident.id",
            "subject.content.incident.source",
            "subject.content.service",  # of a correction
            "subject.content.commit",
            "subject.content.repository",
            "customData.dora.alert",
            "customData.dora.before",
            "customData.dora.branch",
            "customData.dora.commit",
            "customData.dora.commits.sha",
            "customData.dora.defaultBranch",
            "customData.dora.deployment",
            "customData.dora.head",
            "customData.dora.mergedInto",
            "customData.dora.repository",
            "customData.dora.serviceNames",
            "customData.dora.team",
            "customData.dora.tier",
        ),
        NAME_BYTES,
    ),
    "subject.content.environment.id": ENVIRONMENT_BYTES,
    "subject.content.artifactId": ARTIFACT_BYTES,
    "customData.dora.images": ARTIFACT_BYTES,
    "customData.dora.templateFingerprint": FINGERPRINT_BYTES,
    "customData.dora.uid": UID_BYTES,
}
# Of an artifact, the subject is a package URL.
ARTIFACTS = {"subject.id": ARTIFACT_BYTES}
# Place of a list → how many entries it may have.
MOST = {
    "context.links": 1_000,
    "customData.dora.commits": 10_000,
    "customData.dora.commits.paths": 10_000,
    "customData.dora.images": 1_000,
    "customData.dora.serviceNames": 20,
}
# Places of times that nobody could ask about, or not yet. A commit's is whatever its author's clock
# said.
TIMES = ("context.timestamp", "customData.dora.startedAt", "customData.dora.openedAt")
AHEAD = timedelta(days=1)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


def exceeded(event: dict[str, Any]) -> str | None:
    """Say in one sentence which limit a valid CDEvent exceeds; None where it exceeds none.

    The sentence names the place, what was expected there and what came.
    """
    is_artifact = ".artifact." in event["context"]["type"]
    longest = LONGEST | ARTIFACTS if is_artifact else LONGEST
    return next(_exceeded(event, longest), None)


def _exceeded(event: dict[str, Any], longest: dict[str, int]) -> Iterator[str]:
    for place, most in MOST.items():
        for found in _at(event, place.split(".")):
            if isinstance(found, list) and len(found) > most:
                yield f"{place}: expected at most {most} entries, got {len(found)}"
    for place, limit in longest.items():
        for found in _each(event, place):
            if isinstance(found, str) and (sentence := too_long(found, limit)):
                yield f"{place}: {sentence}"
    latest = datetime.now(UTC) + AHEAD
    for place in TIMES:
        for found in _each(event, place):
            if isinstance(found, str) and (expected := _expected_instead(found, latest)):
                yield f"{place}: expected a time {expected}, got {found:.40}"


def _each(event: dict[str, Any], place: str) -> Iterator[Any]:
    for found in _at(event, place.split(".")):
        yield from found if isinstance(found, list) else [found]


def _at(value: Any, steps: list[str]) -> Iterator[Any]:
    """Yield what stands at a place; on the way there, in each entry of a list."""
    if not steps:
        yield value
    elif isinstance(value, list):
        for entry in value:
            if isinstance(entry, dict):
                yield from _at(entry, steps)
    elif isinstance(value, dict) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def _expected_instead(time: str, latest: datetime) -> str | None:
    """Say which time would be right in place of this one; None where it is right."""
    try:
        moment = datetime.fromisoformat(time.upper())
        is_early, is_late = moment < EARLIEST, moment > latest
    except (ValueError, OverflowError):  # the last hours of the year 9999, and leap seconds
        is_early, is_late = time[:4] < str(EARLIEST.year), time[:4] > str(latest.year)
    if is_late:
        return "at most a day ahead of ours"
    return f"of the year {EARLIEST.year} or later" if is_early else None
