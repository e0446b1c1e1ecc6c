"""The shapes of charts: where each mark is, in units that a drawing is stretched from."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.questions.buckets import highest
from dora.questions.timeline import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP, WIDTH, HEIGHT = 10, 8, 40
# So many slots of a timeline are links, and rows of a table, at most.
HAPPENINGS = 24
# What is 0 is seen as a line, so that it is no gap.
LEAST = 0.8


class Bar(NamedTuple):
    """A bar, or where nothing is known a gap over the whole height."""

    x: int
    y: float
    height: float
    kind: str
    bucket: dict[str, Any]


class Bars(NamedTuple):
    """A metric over time."""

    width: int
    height: int
    most: float | None
    bars: list[Bar]
    ends: list[str | None]


def bars(buckets: Sequence[dict[str, Any]]) -> Bars:
    """Return the bars of a metric's buckets: the highest has the whole height."""
    most = highest(buckets)
    return Bars(
        STEP * len(buckets),
        HEIGHT,
        most,
        [_bar(STEP * place + 1, bucket, most or 1) for place, bucket in enumerate(buckets)],
        _ends(buckets),
    )


def _bar(x: int, bucket: dict[str, Any], most: float) -> Bar:
    if bucket["value"] is None:
        return Bar(x, 0, HEIGHT, "gap", bucket)
    height = min(HEIGHT, max(LEAST, round(bucket["value"] / most * HEIGHT, 1)))
    return Bar(x, round(HEIGHT - height, 1), height, "part" if bucket["partial"] else "bar", bucket)


class Strip(NamedTuple):
    """What happened when: one path of all bars, of those that failed, and of each kind of mark."""

    width: int
    most: int
    deployments: str
    failed: str
    rollbacks: str
    incidents: str


def strip(buckets: Sequence[dict[str, Any]], height: int = HEIGHT) -> Strip:
    """Return the strip of a timeline: a bar of deployments a slot, those that failed at its foot."""
    most = max((slot["deployments"] for slot in buckets), default=0)
    slots = [
        {**slot, "place": place}
        for place, slot in enumerate(buckets)
        if any(slot[kind] for kind in KINDS)
    ]
    return Strip(
        STEP * len(buckets),
        most,
        _path(slots, "deployments", most, height),
        _path(slots, "failed", most, height),
        _marks(slots, "rollbacks", "l8-5v10z", STEP // 2 - 4, -4),
        _marks(slots, "incidents", "l4 3.5-4 3.5-4-3.5z", STEP // 2, 41),
    )


class Happening(NamedTuple):
    """Slots of a timeline that follow each other, in which more happened than that all went well."""

    place: int
    slots: int
    time: str
    last: str
    end: str | None
    counts: dict[str, int]


def happenings(buckets: Sequence[dict[str, Any]]) -> list[Happening]:
    """Return where something failed or was taken back, or an incident began: each slot.

    Where those are very many, each is of several slots, so that a page stays small.
    """
    slots = max(1, ceil(sum(map(_is_told, buckets)) / HAPPENINGS))
    ends = _ends(buckets)
    parts = [range(first, len(buckets))[:slots] for first in range(0, len(buckets), slots)]
    found = [
        Happening(
            part[0],
            len(part),
            buckets[part[0]]["time"],
            buckets[part[-1]]["time"],
            ends[part[-1]],
            {kind: sum(buckets[place][kind] for place in part) for kind in KINDS},
        )
        for part in parts
    ]
    return [each for each in found if _is_told(each.counts)]


def _is_told(counts: dict[str, Any]) -> bool:
    return any(counts[kind] for kind in ("failed", "rollbacks", "incidents"))


def _ends(buckets: Sequence[dict[str, Any]]) -> list[str | None]:
    """Return when each bucket ends: as the next begins; the last with what is asked, None."""
    return [*(bucket["time"] for bucket in buckets[1:]), None]


def _path(slots: Sequence[dict[str, Any]], kind: str, most: int, height: int) -> str:
    """Return one path of all bars of a kind, which takes fewer bytes than a shape each."""
    return "".join(
        f"M{STEP * slot['place'] + 1} {height}v{_text(-slot[kind] / most * height)}h{WIDTH}V{height}"
        for slot in slots
        if slot[kind]
    )


def _marks(slots: Sequence[dict[str, Any]], kind: str, shape: str, aside: int, height: int) -> str:
    """Return one path of a mark in each slot in which something of a kind happened."""
    return "".join(
        f"M{STEP * slot['place'] + aside} {height}{shape}" for slot in slots if slot[kind]
    )


def _text(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if abs(value) < STEP else f"{value:.0f}"


class Stage(NamedTuple):
    """A part of the lead time; its seconds are None where nobody knows."""

    name: str
    says: str
    seconds: float | None
    x: float
    width: float


STAGES = {
    "commit_to_opened": ("Writing", "from the commit to the opening of its pull request"),
    "opened_to_merged": ("Review", "from the opening of the pull request to its merge"),
    "merged_to_deployed": ("Delivery", "from the merge to the deployment"),
}


def stages(group: dict[str, Any]) -> list[Stage]:
    """Return the stages of the lead time, as parts of a bar that is 100 long."""
    whole = sum(group[name] or 0 for name in STAGES)
    made, x = [], 0.0
    for name, (title, says) in STAGES.items():
        width = 100 * (group[name] or 0) / whole if whole else 0
        made.append(Stage(title, says, group[name], round(x, 2), round(width, 2)))
        x += width
    return made
