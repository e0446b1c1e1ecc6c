"""What may be asked: a span, and which services and environments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from tests.metrics.reference.events import Json, instant
from tests.metrics.reference.names import TIERS


@dataclass(frozen=True)
class Question:
    """Times from `start` to before `end`; empty lists are no filters."""

    start: datetime
    end: datetime
    zone: tzinfo = UTC
    services: list[str] = field(default_factory=list)
    environments: list[str] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)

    @property
    def asked_tiers(self) -> set[str]:
        """The tiers that count; none where all do (4)."""
        tiers = set(self.tiers or ([] if self.environments else ["production"]))
        return set() if tiers == set(TIERS) else tiers

    def has(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def day_of(self, moment: datetime) -> datetime:
        """Midnight of its day, in the zone of the question."""
        day = moment.astimezone(self.zone).date()
        return midnight(day, self.zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def question(asked: Json) -> Question:
    """Read the parameters of a question; each may be one or a list."""
    zone = ZoneInfo(asked.get("timezone", "UTC"))
    lists = {
        name: [asked[one]] if isinstance(asked.get(one), str) else list(asked.get(one) or [])
        for name, one in NAMES.items()
    }
    return Question(_moment(asked["from"], zone), _moment(asked["to"], zone), zone, **lists)


def buckets(question: Question, size: str) -> list[tuple[datetime, datetime]]:
    """The buckets that the span has a part of (23)."""
    found, day = [], _begins(question.start.astimezone(question.zone).date(), size)
    while midnight(day, question.zone) < question.end:
        following = _begins(day + timedelta(days=LENGTHS[size]), size)
        found.append((midnight(day, question.zone), midnight(following, question.zone)))
        day = following
    return found


NAMES = {
    "services": "service",
    "environments": "environment",
    "tiers": "tier",
    "teams": "team",
    "repositories": "repository",
}
# So many days after its beginning a bucket is over, and the next one is not.
LENGTHS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


def _begins(day: date, size: str) -> date:
    if size == "week":
        return day - timedelta(days=day.weekday())
    if size == "month":
        return day.replace(day=1)
    if size == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1) if size == "year" else day


def _moment(told: str, zone: tzinfo) -> datetime:
    return instant(told) if "T" in told else midnight(date.fromisoformat(told), zone)
