"""What a question selects: its filters, as all statements that answer it are given them."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from dora.database import planned_once
from dora.questions.buckets import Span, buckets
from dora.questions.owners import Owners
from dora.questions.question import TIERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from dora.questions.question import Question


@dataclass(frozen=True)
class Selection:
    """A question with what its filters mean; None means all."""

    question: Question
    filters: dict[str, list[str]]
    services: list[str] | None
    tiers: list[str] | None
    repositories: list[str] | None
    owners: Owners
    buckets: list[Span]
    # Whether nothing of a metric but its value is asked for.
    values_only: bool = False

    @classmethod
    def of(cls, question: Question, default_tiers: Sequence[str] = ("production",)) -> Self:
        """Resolve a question; ask the database for what its filters by team and repository mean.

        Raises:
            PermanentError: it has too many buckets.
        """
        asked = question.filters
        spans = buckets(question.span, question.bucket, question.zone)
        owners = Owners(asked.get("repository", []))
        tiers = asked.get("tier", [] if "environment" in asked else list(default_tiers))
        return cls(
            question,
            asked | ({"tier": tiers} if tiers else {}),
            _services(owners, asked),
            # All tiers together are all environments, those of unknown tier too.
            tiers if tiers and set(tiers) != set(TIERS) else None,
            owners.repositories or None,
            owners,
            spans,
        )

    def before(self) -> Self:
        """Select the same in the span before, as a whole, and of it the values."""
        whole = self.about(replace(self.question.previous(), bucket="all"))
        return replace(whole, values_only=True)

    def about(self, question: Question) -> Self:
        """Select the same, of another time, in other buckets or in other groups."""
        spans = buckets(question.span, question.bucket, question.zone)
        return replace(self, question=question, buckets=spans)

    def planned(self) -> AbstractContextManager[None]:
        """Keep the plans of the block's statements where some services are asked about, not all.

        Of some, planning is most of the work; of all it is little, and a plan for just these filters
        saves more.
        """
        return nullcontext() if self.services is None else planned_once()

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement that answers a question is given."""
        question = self.question
        return {
            "from": question.span.start.isoformat(),
            "to": question.span.end.isoformat(),
            "bucket_starts": [bucket.start.isoformat() for bucket in self.buckets],
            "services": self.services,
            "environments": question.filters.get("environment"),
            "tiers": self.tiers,
            # A change says itself which repository it is of.
            "repositories": self.repositories,
            "bots_apart": question.bots == "apart",
            "values_only": self.values_only,
            "timezone": str(question.zone),
            "group_by": question.group_by,
            "teams": json.dumps(self.owners.teams if question.group_by == "team" else {}),
        }


def _services(owners: Owners, asked: dict[str, list[str]]) -> list[str] | None:
    wanted = [set(asked["service"])] if "service" in asked else []
    if "team" in asked:
        wanted.append(owners.services_of_teams(asked["team"]))
    if "repository" in asked:
        wanted.append(owners.from_repositories)
    return sorted(set.intersection(*wanted)) if wanted else None
