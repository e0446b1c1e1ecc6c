"""Whatever the order and the repetition of the same events, the tables end up equal."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Database, Functions
from tests.events import RECORDED, carried, cdevent, cloudevent, revision
from tests.metrics.conftest import JSON

pytestmark = pytest.mark.long

LOG = """select cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, content
from cdevents_raw order by cd_source, cd_id"""
ROWS = "select * from deployments order by deploy_source, deploy_id"
VOLUME = "/deploy-frequency/day"
# Worked out by hand from tests/data/kubernetes-rollouts.md: restarts, scaling, labels, the stuck
# rollout and its undoing count nothing; the roll-back of worker counts.
BY_HAND = [
    {"DeployName": "nginx-deployment", "Deployments": 2, "Time": "2026-11-23T00:00:00Z"},
    {"DeployName": "nginx-deployment-3", "Deployments": 2, "Time": "2026-11-23T00:00:00Z"},
    {"DeployName": "shop", "Deployments": 2, "Time": "2026-11-23T00:00:00Z"},
    {"DeployName": "worker", "Deployments": 4, "Time": "2026-11-23T00:00:00Z"},
]


def _deliver(function: Functions, event: dict[str, Any]) -> None:
    """Carry an event along the Triggers: transformer, gate, metric."""
    if event["type"].startswith("dev.knative"):
        answer = function("kubernetes-transformer").post(event)
        if answer.status_code == 204:
            return
        event = json.loads(answer.data)
    recorded = function("cdevents-endpoint").post(event)
    assert recorded.status_code == 200, recorded.text
    answer = function("deployment-frequency").post(recorded.data.decode(), **JSON)
    assert answer.status_code == 204, answer.text


def _outcome(
    database: Database, function: Functions, events: Iterable[dict[str, Any]]
) -> list[Any]:
    database.empty()
    for event in events:
        _deliver(function, event)
    return [database.rows(LOG), database.rows(ROWS)]


def test_the_recorded_rollouts_are_counted_as_worked_out_by_hand(
    database: Database, function: Functions
) -> None:
    shuffled = random.Random(1).sample(RECORDED, len(RECORDED))  # noqa: S311 - an order, no secret

    outcomes = [
        _outcome(database, function, events)
        for events in (RECORDED, RECORDED + RECORDED, RECORDED[::-1], shuffled)
    ]

    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert json.loads(function("metrics-endpoint").get(VOLUME).data) == BY_HAND


# Few services, revisions and templates, so that restarts, late events, ties in time and one id reported
# in two ways are common.
EVENTS = st.one_of(
    st.builds(
        lambda number, template, uid, minute: revision(
            number, template, uid=uid, time=f"2026-01-05T12:{minute:02}:00Z"
        ),
        st.integers(1, 5),
        st.sampled_from("ab"),
        st.sampled_from(["u1", "u2"]),
        st.integers(0, 3),
    ),
    st.builds(
        lambda kind, number, time: cdevent(kind, id=f"d{number}", time=time),
        st.sampled_from(["service.deployed", "service.rolledback"]),
        st.integers(1, 4),
        st.sampled_from(["2026-01-05T12:00:00Z", "2026-01-05T14:00:00+02:00"]),
    ),
)


@given(
    events=st.lists(EVENTS, max_size=12),
    shuffle=st.randoms(use_true_random=False),
    repeats=st.lists(st.integers(0, 11), max_size=6),
)
@settings(max_examples=30, derandomize=True)
def test_order_and_repetition_do_not_matter(
    database: Database,
    function: Functions,
    events: Sequence[dict[str, Any]],
    shuffle: random.Random,
    repeats: list[int],
) -> None:
    sent = [carried(event) for event in events]
    again = sent + [sent[number % len(sent)] for number in repeats if sent]
    shuffle.shuffle(again)

    in_order = _outcome(database, function, sent)
    in_disorder = _outcome(database, function, again)

    assert in_disorder == in_order


@given(events=st.lists(EVENTS, max_size=12))
@settings(max_examples=15, derandomize=True)
def test_catching_up_gives_the_same_rows_as_following_live(
    database: Database, function: Functions, events: Sequence[dict[str, Any]]
) -> None:
    sent = [carried(event) for event in events]
    [_, live] = _outcome(database, function, sent)

    database.rows("truncate deployments, processed_events")
    tick = cloudevent(type="dev.knative.sources.ping", catchup="true")
    assert function("deployment-frequency").post(tick).status_code == 204

    assert database.rows(ROWS) == live
