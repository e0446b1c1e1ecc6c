"""The five metrics, computed a second time from docs/metrics.md and metrics-exactly.md alone, slowly.

Each module has the rules that its first line names.
"""

from __future__ import annotations

from tests.metrics.reference.answers import METRICS, answer, bucketed
from tests.metrics.reference.events import instant
from tests.metrics.reference.history import History
from tests.metrics.reference.question import question

__all__ = ["METRICS", "History", "answer", "bucketed", "instant", "question"]
