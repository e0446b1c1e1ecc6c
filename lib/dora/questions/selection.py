"""What a question selects: its filters become services and environments."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from dora.database import run
from dora.questions.buckets import bucket_starts
from dora.questions.catalog import Catalog, read_catalog
from dora.questions.question import TIERS

if TYPE_CHECKING:
    from datetime import datetime

    from dora.questions.question import Question

# By service and environment: whether it is asked for.
Exceptions = dict[str, dict[str, bool]]


@dataclass(frozen=True)
class Selection:
    """A question with its filters resolved to services and environments; None means all."""

    question: Question
    filters: dict[str, list[str]]
    services: list[str] | None
    environments: list[str] | None
    exceptions: Exceptions
    teams: dict[str, str]
    starts: list[datetime]

    @classmethod
    def of(cls, question: Question) -> Self:
        """Resolve a question; ask the database for teams, repositories and environments once."""
        starts, catalog, asked = bucket_starts(question), read_catalog(), question.filters
        tiers = asked.get("tier", [] if "environment" in asked else ["production"])
        environments, exceptions = _environments(asked.get("environment"), tiers)
        return cls(
            question,
            asked | ({"tier": tiers} if tiers else {}),
            _services(catalog, asked),
            environments,
            exceptions,
            catalog.teams,
            starts,
        )

    def before(self) -> Self:
        """Select the same in the span before."""
        before = self.question.previous()
        return replace(self, question=before, starts=bucket_starts(before))

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement that answers a question is given."""
        return {
            "from": self.question.start.isoformat(),
            "to": self.question.end.isoformat(),
            "bucket_starts": [start.isoformat() for start in self.starts],
            "services": self.services,
            "environments": self.environments,
            "exceptions": json.dumps(self.exceptions) if self.exceptions else None,
            # A change says itself which repository it is of.
            "repositories": self.question.filters.get("repository"),
            "group_by": self.question.group_by,
            "teams": json.dumps(self.teams),
        }


def _services(catalog: Catalog, asked: dict[str, list[str]]) -> list[str] | None:
    wanted = [set(asked["service"])] if "service" in asked else []
    if "team" in asked:
        wanted.append(catalog.services_of_teams(asked["team"]))
    if "repository" in asked:
        wanted.append(catalog.services_of_repositories(asked["repository"]))
    return sorted(set.intersection(*wanted)) if wanted else None


def _environments(named: list[str] | None, tiers: list[str]) -> tuple[list[str] | None, Exceptions]:
    """Return the environments asked for, and where the catalog says otherwise of a service."""
    if not tiers or set(tiers) == set(TIERS):
        return named, {}
    tier_of = dict(run("endpoints/metrics/read_environments", tiers=tiers))
    exceptions: Exceptions = {}
    for service, environment, is_asked in run("endpoints/metrics/read_exceptions", tiers=tiers):
        if not named or environment in named:
            exceptions.setdefault(service, {})[environment] = is_asked
    return sorted(tier_of.keys() & set(named) if named else tier_of), exceptions
