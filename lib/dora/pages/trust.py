"""Whether numbers can be trusted: what is left out or not known, in sentences, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dora.pages.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator

# A doubt about more than this part of what a number rests on is a grave one.
GRAVE = 0.1
# What is counted beside the lead time, of one and of many.
CHANGES = {
    "gaps": (
        "push continues from a commit that nobody reported",
        "pushes continue from commits that nobody reported",
    ),
    "incomplete_pushes": (
        "push lists fewer commits than it had",
        "pushes list fewer commits than they had",
    ),
    "contradictions": (
        "change is younger than the deployment that would have shipped it",
        "changes are younger than the deployments that would have shipped them",
    ),
}


class Doubt(NamedTuple):
    """A reason to doubt: how many of how many, where the rows are, and what is asked there."""

    name: str
    says: str
    number: int
    is_grave: bool
    path: str = "quality"
    asked: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it


def doubts(answer: dict[str, Any]) -> list[Doubt]:
    """Return the reasons to doubt an overview's numbers."""
    return sorted(_doubts(answer), key=lambda doubt: not doubt.is_grave)


def verdict(answer: dict[str, Any], found: list[Doubt]) -> str:
    """Return one word for whether an overview's numbers can be trusted."""
    if not answer["metrics"]["deployment-frequency"]["count"]:
        return "Not yet"
    if any(doubt.is_grave for doubt in found):
        return "With care"
    return "Mostly" if found else "Yes"


def _doubts(answer: dict[str, Any]) -> Iterator[Doubt]:
    if answer["rebuilding"]:
        says = "the catalog was changed, and these are the numbers of before"
        yield Doubt("rebuilding", says, 1, is_grave=True)
    yield from _of_places(answer)
    yield from _of_changes(answer["metrics"]["lead-time-for-changes"])
    yield from _of_failures(answer["metrics"]["change-failure-rate"])


def _of_places(answer: dict[str, Any]) -> Iterator[Doubt]:
    left_out = answer["unknown_tier"]["deployments"]
    counted = answer["metrics"]["deployment-frequency"]["count"]
    if left_out:
        where = "its environment is" if left_out == 1 else "their environments are"
        says = f"{count(left_out, 'deployment')} left out, for nobody says of which tier {where}"
        yield Doubt(
            "unknown_tier",
            says,
            left_out,
            left_out > GRAVE * (left_out + counted),
            "environments",
            {"tier": None},
        )


def _of_changes(lead_time: dict[str, Any]) -> Iterator[Doubt]:
    whole = lead_time["deployments_count"]
    if unlinked := lead_time["unlinked"]:
        says = f"{unlinked:,} of {count(whole, 'deployment')} name no known change"
        yield Doubt(
            "unlinked",
            says,
            unlinked,
            unlinked > GRAVE * whole,
            "deployments",
            {"only": "unlinked"},
        )
    for name, (one, many) in CHANGES.items():
        if number := lead_time[name]:
            is_grave = number > GRAVE * lead_time["count"]
            yield Doubt(name, count(number, one, many), number, is_grave)


def _of_failures(failures: dict[str, Any]) -> Iterator[Doubt]:
    if failures["count"] and not failures["basis"]:
        yield Doubt(
            "basis",
            "no incident source is connected, so nobody knows what failed",
            1,
            is_grave=True,
        )
    if failures["basis"] == ["rollbacks"]:
        yield Doubt("basis", "failures are known by rollbacks alone", 1, is_grave=False)
    if unattributed := failures["unattributed"]:
        says = f"{count(unattributed, 'incident')} {'belongs' if unattributed == 1 else 'belong'} to no deployment"
        yield Doubt(
            "unattributed",
            says,
            unattributed,
            unattributed > failures["failed"],
            "incidents",
            {"only": "unattributed"},
        )
