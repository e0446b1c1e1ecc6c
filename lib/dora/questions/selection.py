"""What a question selects: its filters become services and environments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dora.database import run
from dora.questions.question import TIERS

if TYPE_CHECKING:
    from dora.questions.catalog import Catalog
    from dora.questions.question import Question

# By service and environment: whether it is asked for.
Exceptions = dict[str, dict[str, bool]]


class Selection:
    """A question with its filters resolved to services and environments."""

    def __init__(self, question: Question, catalog: Catalog) -> None:
        self.question, self.catalog = question, catalog
        asked = question.filters
        tiers = asked.get("tier", [] if "environment" in asked else ["production"])
        self.filters = asked | ({"tier": tiers} if tiers else {})
        self.services = self._services(asked)
        self.environments, self.exceptions = self._environments(asked.get("environment"), tiers)

    def before(self) -> Selection:
        """Select the same in the span before."""
        return Selection(self.question.previous(), self.catalog)

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement that answers a question is given."""
        return {
            "from": self.question.start.isoformat(),
            "to": self.question.end.isoformat(),
            "bucket": self.question.bucket,
            "services": self.services,
            "environments": self.environments,
            "exceptions": json.dumps(self.exceptions) if self.exceptions else None,
            "group_by": self.question.group_by,
            "teams": json.dumps(self.catalog.teams),
        }

    def _services(self, asked: dict[str, list[str]]) -> list[str] | None:
        wanted = [set(asked["service"])] if "service" in asked else []
        if "team" in asked:
            wanted.append(self.catalog.services_of_teams(asked["team"]))
        if "repository" in asked:
            wanted.append(self.catalog.services_of_repositories(asked["repository"]))
        return sorted(set.intersection(*wanted)) if wanted else None

    def _environments(
        self, named: list[str] | None, tiers: list[str]
    ) -> tuple[list[str] | None, Exceptions]:
        """Give the environments asked for, and where the catalog says otherwise of a service."""
        if not tiers or set(tiers) == set(TIERS):
            return named, {}
        tier_of = dict(run("endpoints/metrics/read_environments", tiers=tiers))
        production = {name for name, tier in tier_of.items() if tier == "production"}
        exceptions = {
            service: {
                name: name in own and "production" in tiers
                for name in own | production
                if not named or name in named
            }
            for service, own in self.catalog.production.items()
        }
        return sorted(tier_of.keys() & set(named) if named else tier_of), exceptions
