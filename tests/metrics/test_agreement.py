"""The SQL and the second, independent computation agree on generated histories."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dora import event_log
from dora.batch import lines
from dora.commands.rebuild import Rebuild
from dora.database import run, transaction
from tests.conftest import Database
from tests.events import carried
from tests.metrics import reference
from tests.metrics.conftest import METRICS
from tests.metrics.histories import histories

# A few in `make test`; `make test-histories` asks for a thousand each.
EXAMPLES = int(os.environ.get("DORA_TEST_EXAMPLES", "20"))
thoroughly = settings(max_examples=EXAMPLES)


@pytest.fixture(autouse=True)
def _as_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGUSER", "dora_writer")


def _record(*events: dict[str, Any]) -> None:
    if events:
        run("endpoints/cdevents/insert_cdevents", contents=lines(map(json.dumps, events)))


def _follow_live(database: Database, events: Iterable[dict[str, Any]]) -> None:
    database.empty()
    _go_on_live(events)


def _go_on_live(events: Iterable[dict[str, Any]]) -> None:
    for event in events:
        _record(event)
        told = carried(event)
        for metric in METRICS:
            with transaction():
                event_log.apply(metric, [told["source"]], [told["id"]])


def _catch_up(database: Database, events: Iterable[dict[str, Any]]) -> None:
    database.empty()
    _record(*events)
    for metric in METRICS:
        event_log.catch_up(metric)


def _computed(database: Database) -> dict[str, list[Any]]:
    """Give what the tables hold, in the form of the reference's rows."""
    return {name: [tuple(row) for row in database.rows(sql)] for name, sql in TABLES.items()}


TABLES = {
    "deployments": """
        select deploy_source, deploy_id, deploy_name, deployment.environment_id, time_created,
            artifact_id, predicate, is_rollback
        from deployments as deployment
        full join deployment_failures using (deploy_source, deploy_id)
        order by 1, 2""",
    "shipped": """
        select deploy_source, deploy_id, repository_id, branch, sha, clock, committed_at,
            opened_at, merged_at, lead_time_seconds
        from shipped_changes order by 1, 2, 3, 4, 5""",
    "unlinked": """
        select deploy_source, deploy_id from deployed_changes where sha is null order by 1, 2""",
    "incidents": """
        select incident_source, incident_id, service_id, environment_id, detected_at, resolved_at,
            deploy_source, deploy_id
        from stg_incident_deployments order by 1, 2""",
    "failed": """
        select deploy_source, deploy_id, is_failed, rolled_back_by,
            (
                select string_agg(concat_ws(' ', each ->> 'source', each ->> 'id'), ', '
                    order by each ->> 'source', each ->> 'id')
                from jsonb_array_elements(coalesce(incidents, '[]')) as each
            )
        from deployment_failures order by 1, 2""",
    "recoveries": "select deploy_source, deploy_id, recovered_at from recoveries order by 1, 2",
    "rework": """
        select deploy_source, deploy_id, is_rollback, is_during_incident, is_unplanned
        from deployment_reworks order by 1, 2""",
}


def _expected(events: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {
        "deployments": [
            (
                *(one.source, one.id, one.service, one.environment),
                *(one.time, one.artifact, one.predicate, one.is_rollback),
            )
            for one in reference.deployments(events)
        ],
        "shipped": sorted(
            (
                *(*one.deployment, *one.change.key, one.change.clock),
                *(one.change.committed, one.change.opened, one.change.merged),
                one.lead_time_seconds,
            )
            for one in reference.shipped(events)
        ),
        "unlinked": sorted(reference.unlinked(events)),
        "incidents": [
            (
                *(*one.key, one.service, one.environment, one.detected, one.resolved),
                *(one.deployment or (None, None)),
            )
            for one in reference.incidents(events)
        ],
        "failed": [
            (
                *(*one.deployment, one.failed, one.rolled_back_by and one.rolled_back_by[1]),
                ", ".join(" ".join(key) for key in sorted(one.incidents)) or None,
            )
            for one in reference.failed(events)
        ],
        "recoveries": [(*one.deployment, one.recovered) for one in reference.recoveries(events)],
        "rework": [
            (
                *one.deployment,
                *(reason in one.reasons for reason in ("rollback", "incident", "unplanned")),
            )
            for one in reference.rework(events)
        ],
    }


@given(events=histories())
@thoroughly
def test_both_agree_on_what_was_caught_up(database: Database, events: list[dict[str, Any]]) -> None:
    _catch_up(database, events)

    assert _computed(database) == _expected(events)


@given(events=histories(), order=st.randoms(use_true_random=False))
@thoroughly
def test_both_agree_on_what_was_followed_live_in_any_order_and_with_repeats(
    database: Database, events: list[dict[str, Any]], order: random.Random
) -> None:
    disorder = events + order.sample(events, len(events) // 3)
    order.shuffle(disorder)

    _follow_live(database, disorder)

    assert _computed(database) == _expected(events)


@given(events=histories(), while_rebuilding=st.integers(0, 10))
@settings(max_examples=max(10, EXAMPLES // 6))
def test_a_rebuild_gives_the_same_rows_interrupted_and_with_events_in_the_middle_of_it(
    database: Database, events: list[dict[str, Any]], while_rebuilding: int
) -> None:
    before = len(events) - while_rebuilding
    _follow_live(database, events[:before])
    for metric in METRICS:
        _interrupt_after_one_batch(metric)
    _go_on_live(events[before:])
    live = _computed(database)

    for metric in METRICS:
        Rebuild(metric).run()

    assert _computed(database) == live == _expected(events)


def _interrupt_after_one_batch(metric: str) -> None:
    rebuild = Rebuild(metric, restart=True)
    with suppress(InterruptedError), pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_log, "BATCH_EVENTS", 5)
        rebuild.run(_interrupt)


def _interrupt(_events: int) -> None:
    raise InterruptedError
