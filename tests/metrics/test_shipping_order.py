"""Whatever the order and the repetition of pushes, merges and deployments, the same is shipped."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dora import timeline
from dora.batch import lines
from dora.database import run
from tests.conftest import Database
from tests.events import carried
from tests.metrics.happenings import Event, deployed, merged

pytestmark = pytest.mark.long

METRIC = "lead-time-for-changes"
# The parts of lead time, from what events say to what is answered.
TABLES = ("steps", "changes", "reached_steps", "deployed_changes", "shipped_changes")
# There is little of everything, so that ties, circles, returns and late news are common.
MINUTES = st.sampled_from([0, 3, 6, 9, 30])
COMMITS = st.sampled_from([f"c{number}" for number in range(6)])
REPOSITORIES = st.sampled_from(["https://a.example/shop", "https://a.example/store"])


def _maybe(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | some


def _merged(reports: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Event]:
    commits = st.lists(
        st.tuples(COMMITS, MINUTES) | COMMITS,
        min_size=1,
        max_size=3,
        unique_by=lambda commit: commit if isinstance(commit, str) else commit[0],
    )
    return st.builds(
        lambda minute, commits, **parts: merged("7", minute, *commits, **parts),
        MINUTES,
        commits,
        id=st.sampled_from([f"m{number}" for number in range(8)]),
        repository=REPOSITORIES,
        repositoryId=_maybe(st.just("1")),
        branch=st.sampled_from(["main", "main", "release"]),
        defaultBranch=_maybe(st.sampled_from(["main", "release"])),
        **reports,
    )


EVENTS = st.one_of(
    _merged({"before": _maybe(COMMITS), "totalCommits": _maybe(st.just(5))}),
    _merged({"head": COMMITS, "opened": _maybe(MINUTES)}),
    st.builds(
        deployed,
        st.sampled_from([f"d{number}" for number in range(5)]),
        MINUTES,
        commit=COMMITS,
        repository=_maybe(REPOSITORIES),
        commits=_maybe(st.lists(st.builds(lambda sha: {"sha": sha}, COMMITS), max_size=2)),
    ),
)


@pytest.fixture(autouse=True)
def _as_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGUSER", "postgres")


@given(
    events=st.lists(EVENTS, min_size=5, max_size=14),
    repeats=st.lists(st.integers(0, 13), max_size=4),
    shuffle=st.randoms(use_true_random=False),
)
@settings(max_examples=25, derandomize=True)
def test_order_repetition_and_catching_up_do_not_matter(
    emptied_database: Database,
    events: list[Event],
    repeats: list[int],
    shuffle: random.Random,
) -> None:
    again = events + [events[number % len(events)] for number in repeats]
    shuffle.shuffle(again)

    at_once = _followed(emptied_database, [events])
    one_by_one = _followed(emptied_database, [[event] for event in again])

    assert one_by_one == at_once


def test_what_is_computed_anew_is_what_was_computed_live(emptied_database: Database) -> None:
    live = _followed(
        emptied_database,
        [
            [deployed("d2", 6, commit="c3", commits=[{"sha": "x"}])],
            [merged("c3", 4, "c2", "c3", before="c1"), merged("x", 1, branch="side")],
            [merged("c1", 1), deployed("d1", 2, commit="c1")],
            [merged("c4", 90, ("c4", 80), before="c3"), merged("c5", 91, before="c4")],
            [deployed("d3", 7, commit="c5")],
        ],
    )

    for table in TABLES[2:]:
        emptied_database.rows(f"truncate {table}")
    emptied_database.rows("delete from processed_events where consumer = :name", name=METRIC)
    timeline.renew(METRIC, math.inf)

    assert live["reached_steps"]
    assert _tables(emptied_database) == live


def _followed(database: Database, batches: Iterable[list[Event]]) -> dict[str, list[str]]:
    """Let batches of events be recorded and followed, one after the other; return the tables."""
    database.empty()
    timeline.renew(METRIC, math.inf)  # it begins to follow
    for batch in batches:
        said = [{"way": "cluster", "rank": 2, "event": event} for event in batch]
        run("endpoints/cdevents/insert_cdevents", reports=lines(map(json.dumps, said)))
        if len(batch) > 1:
            timeline.catch_up(math.inf)
        else:
            told = carried(batch[0])
            timeline.apply_event(told["source"], told["id"])
        timeline.renew(METRIC, math.inf)
    return _tables(database)


def _tables(database: Database) -> dict[str, list[str]]:
    return {
        table: sorted(str(row) for row in database.rows(f"select * from {table}"))
        for table in TABLES
    }
