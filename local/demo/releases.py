"""What happens to a service: releases with the changes in them, those that fail, and their remedies.

Each day of a service is a throw of its own dice, so that it is the same whenever it is reckoned.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from local.demo.working_hours import earlier, is_working_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.demo.services import Service

TUESDAY, WEEK = 1, 7
MORNING, AFTERNOON = (9.4, 11), (14, 16.2)  # hours of the day
# Minutes from a deployment to the alarm, from there to the remedy, and to the all-clear.
ALARM, REMEDY, ALL_CLEAR = (8, 35), (15, 70), (4, 15)
ROLLED_BACK = 0.65  # how many of those that failed; the others are mended by a hotfix
BOTS = 0.12  # how many changes are theirs
FEW, MANY = (1, 1, 2, 3), (5, 6, 7)  # how many changes a release has
COMPLAINTS = ("answers 500", "is slow", "loses sessions", "times out", "uses all its memory")


@dataclass(frozen=True)
class Change:
    """A pull request with one or two commits, merged by a commit of its own."""

    name: str
    committed: list[datetime]
    opened: datetime
    merged: datetime
    is_by_bot: bool = False

    @property
    def commits(self) -> list[str]:
        """Return the names of its commits, the merge's not among them."""
        return [sha(f"{self.name}/{number}") for number, _ in enumerate(self.committed)]

    @property
    def merge_commit(self) -> str:
        """Return the name of the commit that merged it."""
        return sha(f"{self.name}/merge")


@dataclass(frozen=True)
class Incident:
    """What a pager said of a service."""

    service: Service
    name: str
    title: str
    detected: datetime
    resolved: datetime


@dataclass(frozen=True)
class Release:
    """A deployment of a service, with the changes that were merged for it.

    Attributes:
        number: grows with time.
        head: the commit that is deployed; of a rollback that of an earlier release.
    """

    service: Service
    number: int
    deployed: datetime
    head: str
    changes: list[Change] = field(default_factory=list)
    is_unplanned: bool = False
    incident: Incident | None = None

    @property
    def name(self) -> str:
        """Return what it is called among all releases."""
        return f"{self.service.name}/{self.number}"


def sha(text: str) -> str:
    """Return 40 hexadecimal digits for a text, as git would for a commit."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def releases(service: Service, first: date, last: date) -> Iterator[Release]:
    """Return the releases of a service in the order of time, rollbacks and hotfixes among them.

    Args:
        service: whose.
        first: the first day.
        last: the last day.
    """
    good = sha(f"{service.name}/before")
    for offset in range((last - first).days + 1):
        for release in _of_day(service, first + timedelta(offset)):
            yield release
            if not release.incident:
                good = release.head
                continue
            remedy = _remedy(release, good)
            yield remedy
            good = remedy.head


def incidents(service: Service, first: date, last: date) -> Iterator[Incident]:
    """Return the incidents of a service that no release of it caused: of a month without one."""
    for offset in range((last - first).days + 1):
        day = first + timedelta(offset)
        if service.rhythm == "monthly" and day.day == 24:  # noqa: PLR2004 - long after the release
            dice, begin = _dice(service, day, "incident"), _hour(day, 10.5)
            end = begin + timedelta(minutes=dice.uniform(40, 90))
            yield Incident(service, f"{service.name}/{day}", "statements are late", begin, end)


def _of_day(service: Service, day: date) -> Iterator[Release]:
    if not _may_release(service, day):
        return
    for half, (hours, chance) in enumerate(
        zip((MORNING, AFTERNOON), service.releases, strict=True)
    ):
        dice = _dice(service, day, str(half))
        if dice.random() < chance:
            deployed, number = _hour(day, dice.uniform(*hours)), day.toordinal() * 4 + half * 2
            yield _release(service, number, deployed, dice)


def _may_release(service: Service, day: date) -> bool:
    is_weekly = day.weekday() == TUESDAY
    match service.rhythm:
        case "monthly":
            return is_weekly and day.day <= WEEK
        case "weekly":
            return is_weekly
    return is_working_day(day)


def _release(service: Service, number: int, deployed: datetime, dice: Random) -> Release:
    name = f"{service.name}/{number}"
    changes = _changes(service, name, deployed, dice) if service.repository else []
    head = changes[-1].merge_commit if changes else sha(name)
    incident = _incident(service, name, deployed, dice) if dice.random() < service.failing else None
    return Release(service, number, deployed, head, changes, incident=incident)


def _changes(service: Service, name: str, deployed: datetime, dice: Random) -> list[Change]:
    """Return what was merged for a release, the last of it some time before the deployment."""
    count = dice.choice(MANY if service.rhythm == "monthly" else FEW)
    least, most = service.waiting
    changes, merged = [], earlier(deployed, least)
    for left in range(count, 0, -1):
        changes.append(_change(service, f"{name}/{left}", merged, dice))
        merged = earlier(merged, dice.uniform(0.3, 1) * (most - least) / count)
    return changes[::-1]


def _change(service: Service, name: str, merged: datetime, dice: Random) -> Change:
    opened = earlier(merged, dice.uniform(*service.review))
    last = earlier(opened, dice.uniform(*service.coding) / 4)
    committed = [earlier(last, dice.uniform(*service.coding)), last]
    is_by_bot = dice.random() < BOTS
    return Change(name, [opened] if is_by_bot else committed, opened, merged, is_by_bot)


def _incident(service: Service, name: str, deployed: datetime, dice: Random) -> Incident:
    detected = deployed + timedelta(minutes=dice.uniform(*ALARM))
    resolved = detected + timedelta(minutes=dice.uniform(*REMEDY) + dice.uniform(*ALL_CLEAR))
    return Incident(service, name, dice.choice(COMPLAINTS), detected, resolved)


def _remedy(failed: Release, good: str) -> Release:
    """Return what ended an incident: the version before it again, or a hotfix."""
    assert failed.incident  # noqa: S101 - of those that failed alone
    dice = Random(f"{failed.name}/remedy")  # noqa: S311 - dice, no secret
    at = failed.incident.resolved - timedelta(minutes=dice.uniform(*ALL_CLEAR) / 2)
    if dice.random() < ROLLED_BACK or not failed.service.repository:
        return Release(failed.service, failed.number + 1, at, good)
    merged = at - timedelta(minutes=9)
    opened = merged - (merged - failed.incident.detected) / 3
    change = Change(f"{failed.name}/hotfix", [opened], opened, merged)
    return Release(
        failed.service, failed.number + 1, at, change.merge_commit, [change], is_unplanned=True
    )


def _hour(day: date, hour: float) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=int(hour * 3600))


def _dice(service: Service, day: date, what: str) -> Random:
    return Random(f"{service.name} {day} {what}")  # noqa: S311 - dice, no secret
