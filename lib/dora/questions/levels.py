"""The levels of values, and where there is none: docs/metrics.md, rules 21, 22 and 28."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from dora.database import run_named
from dora.questions.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dora.questions.groups import Group
    from dora.questions.metrics import Metric


def with_levels(groups: Sequence[tuple[str, Group]]) -> list[Group]:
    """Return each metric's group with its level, the level's word and report, or why it has none."""
    asked = [(metric, group["value"]) for metric, group in groups]
    [row] = run_named("endpoints/metrics/query_levels", {"asked": json.dumps(asked)})
    return [
        _with_level(METRICS[metric], group, known, row)
        for (metric, group), known in zip(groups, row["levels"], strict=True)
    ]


def _with_level(
    metric: Metric, group: Group, known: tuple[str, str, int], least: dict[str, Any]
) -> Group:
    level, word, report_year = known
    doubt = _doubt(metric, group, least) if level else None
    return {
        **group,
        **({metric.word: word} if metric.word else {}),
        "level": None if doubt else level,
        "report_year": None if doubt else report_year,
        "reason": group["reason"] or doubt,
    }


def _doubt(metric: Metric, group: Group, row: dict[str, Any]) -> str | None:
    """Return why too little is behind a value for a level, if so."""
    least, counted = row["level_count"], metric.counted
    known = group["count"]
    if metric.is_per_day:
        least, counted, known = row["level_days"], "covered days", math.floor(group["covered_days"])
    if known < least:
        return f"a level takes at least {least} {counted}, there are {known}"
    for part, whole in metric.doubts:
        if 2 * group[part] > group[whole]:
            return f"no level, for {part} is {group[part]}: more than half of {group[whole]}"
    return None
