"""What happened when: deployments, those that failed, rollbacks and incidents, in buckets."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from dora.database import run_named
from dora.questions.shapes import COUNT, TIME, one_of_each
from dora.times import rfc3339

if TYPE_CHECKING:
    from dora.questions.buckets import Span
    from dora.questions.selection import Selection

KINDS = ("deployments", "failed", "rollbacks", "incidents")
HAPPENED = one_of_each("Happened", time=TIME, **dict.fromkeys(KINDS, COUNT))


class Timeline(NamedTuple):
    """What happened to each group, by the number of the bucket; all of it, by None."""

    buckets: list[Span]
    counts: dict[str | None, dict[int, dict[str, int]]]

    @classmethod
    def read(cls, selection: Selection) -> Self:
        """Ask the database."""
        counts: dict[str | None, dict[int, dict[str, int]]] = defaultdict(dict)
        for row in run_named("endpoints/metrics/query_timeline", selection.parameters):
            counts[row.pop("group_name")][row.pop("bucket")] = row
        return cls(selection.buckets, counts)

    def of(self, name: str | None) -> list[dict[str, Any]]:
        """Return what happened to a group in each bucket."""
        counts, none = self.counts.get(name, {}), dict.fromkeys(KINDS, 0)
        return [
            {"time": rfc3339(bucket.start), **counts.get(number, none)}
            for number, bucket in enumerate(self.buckets, 1)
        ]
