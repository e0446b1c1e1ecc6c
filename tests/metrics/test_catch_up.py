"""What a metric missed it catches up on, at a tick and in a rebuild."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from dora import database as dora_database
from dora import event_log, timeline
from dora.rebuilding import rebuild
from tests.conftest import Database, Functions
from tests.events import carried, cdevent, revision
from tests.metrics.conftest import JSON, METRICS, TICK
from tests.waiting import wait_until

COUNT = "select count(*) from deployments"
DEPLOYMENTS = "select deploy_id from deployments order by 1"
POSITION = "select seq from processed_events where consumer = 'timeline'"


def _tick_in_thread(function: Functions) -> None:
    function("deployment-frequency").post(TICK)
    dora_database.close()


def _wait_for_waiter(database: Database) -> None:
    """Wait until a tick waits for another transaction."""
    waiting = "select count(*) from pg_locks where not granted"
    wait_until(lambda: database.rows(waiting) != [[0]])


def _record(function: Functions, *events: dict[str, Any]) -> None:
    for event in events:
        assert function("cdevents-endpoint").post(carried(event)).status_code == 200


def _tick(function: Functions) -> None:
    answer = function("deployment-frequency").post(TICK)
    assert answer.status_code == 204, answer.text


def test_missed_events_are_caught_up_at_the_next_tick(
    database: Database, function: Functions
) -> None:
    _record(function, cdevent(id="d1"), cdevent(id="d2", subject="cart"))
    assert database.rows(COUNT) == [[0]]

    _tick(function)

    assert database.rows(COUNT) == [[2]]


def test_a_tick_of_a_broker_wakes_just_those_metrics_that_are_behind(
    database: Database, function: Functions
) -> None:
    _record(function, cdevent(id="d1"))

    first = function("deployment-frequency").post(TICK, prefer="reply")
    woken = json.loads(first.data)
    assert (woken["type"], woken["catchup"]) == ("dev.dora.behind", "true")
    others = {name.replace("-", ""): name for name in METRICS if name != "deployment-frequency"}
    assert dict.fromkeys(others, "true") == {name: woken[name] for name in others}

    *all_but_one, last = others.values()
    for name in all_but_one:
        assert function(name).post(woken, prefer="reply").status_code == 204
    again = json.loads(function("deployment-frequency").post(TICK, prefer="reply").data)
    assert {name for name in others if name in again} == {last.replace("-", "")}

    assert function(last).post(again, prefer="reply").status_code == 204
    assert function("deployment-frequency").post(TICK, prefer="reply").status_code == 204
    assert database.rows("select count(*) from stale_deployments") == [[0]]


@pytest.mark.usefixtures("database")
def test_what_is_no_tick_of_a_broker_wakes_nobody(function: Functions) -> None:
    _record(function, cdevent(id="d1"))
    recorded = carried(cdevent(id="d1")) | {"recorded": "true"}

    assert function("deployment-frequency").post(TICK).status_code == 204
    assert function("deployment-frequency").post(recorded, prefer="reply").status_code == 204
    assert function("deployment-frequency").post(TICK, prefer="reply").status_code == 200


def test_a_new_metric_starts_with_the_whole_history_in_batches(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "BATCH_EVENTS", 3)
    _record(function, *(revision(number, "ab"[number // 2 % 2]) for number in range(1, 11)))

    _tick(function)

    # Templates b? of 1 … 10: a b b a a b b a a b, so five changes after the first.
    assert database.rows(COUNT) == [[6]]
    assert database.rows(POSITION) == database.rows("select max(seq) from cdevents_raw")


def test_a_batch_ends_where_the_time_for_a_tick_is_over(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "BATCH_EVENTS", 1)
    monkeypatch.setattr(event_log, "CATCH_UP_SECONDS", 0)
    _record(function, cdevent(id="d1"), cdevent(id="d2", subject="cart"))

    _tick(function)
    assert database.rows(COUNT) == [[1]]
    _tick(function)

    assert database.rows(COUNT) == [[2]]


def test_an_event_whose_transaction_is_still_open_is_not_passed_over(
    database: Database, function: Functions
) -> None:
    writer = database.server.connect(database.name)
    writer.run("begin")
    writer.run("select nextval('cdevents_raw_seq')")
    _insert(writer, "late")
    _record(function, cdevent(id="early"))

    ticking = threading.Thread(target=_tick_in_thread, args=[function])
    ticking.start()
    _wait_for_waiter(database)
    writer.run("commit")
    ticking.join()
    _tick(function)  # where this machine let the first one wait too long

    assert database.rows("select deploy_id from deployments order by 1") == [["early"], ["late"]]
    writer.close()


def test_a_tick_waits_no_longer_than_two_seconds_for_a_writer(
    database: Database, function: Functions
) -> None:
    writer = database.server.connect(database.name)
    writer.run("begin")
    _insert(writer, "open")
    _record(function, cdevent(id="early"))

    answer = function("deployment-frequency").post(TICK)

    assert answer.status_code == 503
    assert answer.text == (
        "the database cannot do this now: canceling statement due to lock timeout"
    )
    assert database.rows("select count(*) from processed_events") == [[0]]
    writer.close()


def test_an_event_may_take_longer_than_other_statements_may(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = function("cdevents-endpoint").post(carried(cdevent())).data.decode()
    monkeypatch.setattr(type(dora_database._kept), "patience_seconds", 0.2)
    database.rows(
        "alter function advance(text[], text[]) rename to advance_at_once;"
        " create function advance(text[], text[]) returns void language sql as"
        " 'select advance_at_once($1, $2) from (select pg_sleep(1)) as slept'"
    )

    answer = function("deployment-frequency").post(recorded, **JSON)

    assert answer.status_code == 204, answer.text
    assert database.rows(COUNT) == [[1]]


def test_what_waits_is_applied_with_the_event_that_is_delivered_first(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = [
        function("cdevents-endpoint").post(carried(cdevent(id=name, subject=name))).data.decode()
        for name in ("d1", "d2", "d3")
    ]
    with monkeypatch.context() as alone:
        alone.setattr(timeline, "WAITING_EVENTS", 0)
        _deliver(function, recorded[1])
    before = database.rows(DEPLOYMENTS)

    _deliver(function, recorded[0])

    assert (before, database.rows(DEPLOYMENTS)) == ([["d2"]], [["d1"], ["d2"], ["d3"]])


def test_as_much_is_applied_with_an_event_as_others_may_wait_for(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "WAITING_EVENTS", 1)
    recorded = function("cdevents-endpoint").post(carried(cdevent(id="d1"))).data.decode()
    _record(function, *(cdevent(id=name, subject=name) for name in ("d2", "d3")))

    _deliver(function, recorded)

    assert database.rows(DEPLOYMENTS) == [["d1"], ["d2"]]


def test_of_one_process_s_threads_one_at_a_time_applies_what_waits(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "TURN_SECONDS", 0.1)
    recorded = function("cdevents-endpoint").post(carried(cdevent())).data.decode()

    with timeline._turn:
        answer = function("deployment-frequency").post(recorded, **JSON)

    assert answer.status_code == 503
    assert answer.text == "others are applied at this moment; send it again"
    assert database.rows(COUNT) == [[0]]
    _deliver(function, recorded)
    assert database.rows(COUNT) == [[1]]


def test_who_renews_does_what_waited_when_it_began_and_not_what_comes_meanwhile(
    database: Database, function: Functions
) -> None:
    recorded = function("cdevents-endpoint").post(carried(cdevent())).data.decode()
    database.rows(
        "create function come_again() returns trigger language plpgsql as $$ begin"
        " insert into stale_deployments (metric, deploy_source, deploy_id)"
        " values (old.metric, old.deploy_source, old.deploy_id); return null; end $$;"
        " create trigger come_again after delete on stale_deployments"
        " for each row execute function come_again()"
    )

    _deliver(function, recorded)

    assert database.rows(COUNT) == [[1]]
    assert database.rows("select count(*), max(stale_id) from stale_deployments") == [[1, 2]]


def _deliver(function: Functions, recorded: str) -> None:
    answer = function("deployment-frequency").post(recorded, **JSON)
    assert answer.status_code == 204, answer.text


@pytest.mark.long
def test_who_waits_for_another_one_s_event_gives_up_soon(
    database: Database, function: Functions
) -> None:
    recorded = function("cdevents-endpoint").post(carried(cdevent())).data.decode()
    other = database.server.connect(database.name)
    other.run("begin")
    other.run(dora_database.text("metrics/lock"), locked=timeline.TIMELINE)

    answer = function("deployment-frequency").post(recorded, **JSON)
    other.close()

    assert answer.status_code == 503
    assert "lock timeout" in answer.text


def _insert(writer: Any, event_id: str) -> None:
    writer.run(
        "insert into cdevents_raw (cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, content)"
        " values ('/tests', :id, now(), 'dev.cdevents.service.deployed.0.3.0', 'cart', "
        """'{"subject": {"content": {"environment": {"id": "staging"}}}}')""",
        id=event_id,
    )


def test_while_one_instance_catches_up_another_waits_and_has_it_all_then(
    database: Database, function: Functions
) -> None:
    _record(function, cdevent(id="d1"))
    _tick(function)
    _record(function, cdevent(id="d2", subject="cart"))
    other = database.server.connect(database.name)
    other.run("begin")
    other.run("select from processed_events for update")

    ticking = threading.Thread(target=_tick_in_thread, args=[function])
    ticking.start()
    _wait_for_waiter(database)
    before = database.rows(COUNT)
    other.run("commit")
    ticking.join()
    other.close()

    assert (before, database.rows(COUNT)) == ([[1]], [[2]])


def test_with_nothing_missed_a_tick_reads_only_what_an_index_gives(
    database: Database, function: Functions
) -> None:
    database.rows(
        "insert into cdevents_raw (cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, content)"
        " select '/tests', number::text, now(), 'dev.cdevents.build.started.0.3.0', 'b', '{}'"
        " from generate_series(1, 20000) as number"
    )
    database.rows("vacuum analyze cdevents_raw")
    missed = f"select position < newest from ({_read_position().rstrip().rstrip(';')}) as place"
    while database.rows(missed) != [[False]]:
        _tick(function)  # on a busy machine one does not get to the end
    before = _reads(database)

    _tick(function)

    after = _reads(database)
    assert after["seq_scan"] == before["seq_scan"]
    assert after["idx_tup_fetch"] - before["idx_tup_fetch"] <= 1
    plan = "\n".join(row[0] for row in database.rows(f"explain {_read_position()}"))
    assert "Index Only Scan Backward using cdevents_raw_seq_key" in plan
    assert "Seq Scan on cdevents_raw" not in plan


def _read_position() -> str:
    return dora_database.text("metrics/read_position")


def _reads(database: Database) -> dict[str, int]:
    # What a connection has read it reports once a second, or when it is asked to.
    for connection in (database.connection, dora_database._kept.connection):
        assert connection
        connection.run("select pg_stat_force_next_flush()")
    [row] = database.rows(
        "select coalesce(seq_scan, 0), coalesce(idx_tup_fetch, 0) from pg_stat_user_tables"
        " where relname = 'cdevents_raw'"
    )
    return dict(zip(("seq_scan", "idx_tup_fetch"), row, strict=True))


def test_a_rebuild_gives_the_same_rows_and_drops_what_is_in_no_log(
    database: Database, function: Functions
) -> None:
    _record(function, revision(1, "a"), revision(2, "a"), revision(3, "b"))
    _tick(function)
    rows = database.rows("select * from deployments order by deploy_id")
    database.rows("update deployments set deploy_name = 'wrong'")
    database.rows(
        "insert into deployments values ('/nobody', 'x', 'x', now(), 'production', null, 'deployed')"
    )

    rebuild("deployment-frequency")

    assert database.rows("select * from deployments order by deploy_id") == rows
