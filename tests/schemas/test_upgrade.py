"""A database of a release that is brought up to date is what a new one is, and has lost nothing."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from dora import database as dora_database
from dora.rebuilding import metrics
from local.postgresql import SQL
from local.processes import StackError
from tests.commands.conftest import Commands
from tests.conftest import Database, Functions
from tests.events import carried, cdevent, cloudevent
from tests.metrics.conftest import TICK
from tests.schemas.shape import shape

# What the functions kept, and what people decided.
KEPT = ("cloudevents_raw", "cdevents_raw", "dead_letters", "replays", "metric_settings")
CHANGES = [
    (int(number), name)
    for number, _, name in (
        file.stem.partition("_") for file in sorted((SQL / "migrations").glob("*.sql"))
    )
][1:]
FILES = [f"migrations/{number:03}_{name}" for number, name in CHANGES]
COPY = """insert into cdevents_raw (
    cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content, seq,
    recorded_at
) values (
    :cd_source, :cd_id, :cd_timestamp, :cd_type, :cd_subject_id, :cd_subject_source,
    cast(:content as jsonb), :seq, :recorded_at
)"""
NAMES = "cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source"
TABLES = (
    "deployments",
    "deployed_changes",
    "shipped_changes",
    "deployment_failures",
    "recoveries",
    "deployment_reworks",
)
LATE: dict[str, dict[str, Any]] = {
    "insert_cdevents": {"contents": json.dumps(cdevent(id="late"))},
    "insert_cloudevents": {"contents": json.dumps(cloudevent(id="late"))},
    "insert_dead_letter": {
        "source": "/late",
        "id": "late",
        "type": "late",
        "content": "{}",
        "destination": "http://late",
        "code": 422,
        "reason": "late",
    },
}
NEWER = "insert into schema_migrations (number, name) values (999, 'of_tomorrow')"


def upgrade(database: Database) -> None:
    database.server.install(database.name)


@pytest.mark.parametrize("part", ["relations", "columns", "constraints", "indexes"])
def test_its_tables_are_those_of_a_new_one(old: Database, database: Database, part: str) -> None:
    upgrade(old)

    assert shape(old)[part] == shape(database)[part] != []


@pytest.mark.parametrize("part", ["views", "functions", "triggers"])
def test_its_code_is_that_of_a_new_one(old: Database, database: Database, part: str) -> None:
    upgrade(old)

    assert shape(old)[part] == shape(database)[part] != []


def test_a_release_has_rows_in_every_table(old: Database) -> None:
    tables = old.rows(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )

    assert [name for [name] in tables if not old.rows(f"select from {name} limit 1")] == []


def test_what_was_kept_stays_as_it_was(old: Database) -> None:
    columns = {table: _columns(old, table) for table in KEPT}
    before = [_rows(old, table, columns[table]) for table in KEPT]

    upgrade(old)

    assert [_rows(old, table, columns[table]) for table in KEPT] == before
    assert all(before)


def _columns(database: Database, table: str) -> str:
    [[names]] = database.rows(
        "select string_agg(attname, ', ' order by attnum) from pg_attribute "
        f"where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped"
        " and attgenerated = ''"  # what is made of the others may be made elsewhere
    )
    return str(names)


def _rows(database: Database, table: str, columns: str = "*") -> list[Any]:
    rows = database.rows(f"select to_jsonb(t) from (select {columns} from {table}) as t")
    return sorted(json.dumps(row) for [row] in rows)


def test_at_the_next_tick_its_metrics_are_those_of_a_new_one_with_the_same_events(
    old: Database, database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for row in old.rows(f"select {NAMES}, content::text, seq, recorded_at from cdevents_raw"):
        columns = [*NAMES.split(", "), "content", "seq", "recorded_at"]
        database.rows(COPY, **dict(zip(columns, row, strict=True)))
    for metric in metrics():
        assert function(metric).post(TICK).status_code == 204
    old.use(monkeypatch)
    dora_database.close()  # what this thread keeps leads to the other one
    upgrade(old)
    for metric in metrics():
        assert function(metric).post(TICK).status_code == 204

    assert {table: _rows(old, table) for table in TABLES} == {
        table: _rows(database, table) for table in TABLES
    }
    assert all(_rows(old, table) for table in TABLES)


def test_functions_of_the_release_still_keep_what_comes(old: Database, release: Path) -> None:
    upgrade(old)

    for name, parameters in LATE.items():
        old.rows((release / "statements" / f"{name}.sql").read_text(), **parameters)

    assert old.rows("select count(*) from cdevents_raw where cd_id = 'late'") == [[1]]
    assert old.rows("select count(*) from cloudevents_raw where ce_id = 'late'") == [[1]]
    assert old.rows("select count(*) from dead_letters where ce_id = 'late'") == [[1]]


# What each of the functions that keep events gets, and where it is then.
SENT = {
    "cloudevents-endpoint": (cloudevent(id="early"), "cloudevents_raw", "ce_id"),
    "cdevents-endpoint": (carried(cdevent(id="early")), "cdevents_raw", "cd_id"),
    "dead-letters-endpoint": (
        cloudevent(id="early", knativeerrordest="http://early", knativeerrorcode="422"),
        "dead_letters",
        "ce_id",
    ),
}
DONE, AGAIN = (200, 204), (500, 503)


def test_functions_that_come_before_their_tables_lose_nothing(
    old: Database, function: Functions
) -> None:
    answers = {name: function(name).post(event) for name, (event, *_) in SENT.items()}
    answers |= {metric: function(metric).post(TICK) for metric in metrics()}
    # Done, or tried again by the Broker; what it gives up at once would be a dead letter.
    assert {each.status_code for each in answers.values()} <= {*DONE, *AGAIN}

    upgrade(old)

    for name, (event, table, key) in SENT.items():
        if answers[name].status_code in AGAIN:
            assert function(name).post(event).status_code in DONE
        assert old.rows(f"select count(*) from {table} where {key} = 'early'") == [[1]]
    for metric in metrics():
        assert function(metric).post(TICK).status_code in DONE


def test_it_may_be_upgraded_again(old: Database) -> None:
    upgrade(old)
    once = shape(old), old.rows("table schema_migrations")

    upgrade(old)

    assert (shape(old), old.rows("table schema_migrations")) == once


def test_a_dry_run_says_which_changes_are_due_and_makes_none(old: Database) -> None:
    before = shape(old)

    done = Commands(old.environment).run("migrate", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [f"would make {change}" for change in FILES]
    assert shape(old) == before


def test_the_command_says_which_changes_it_made(old: Database) -> None:
    first, again = (Commands(old.environment).run("migrate") for _ in range(2))

    done = "the database is up to date"
    assert first.stderr.splitlines() == [*(f"made {change}" for change in FILES), done]
    assert again.stderr.splitlines() == [done]


def test_two_upgrades_at_once_come_one_after_the_other(old: Database) -> None:
    failed: list[Exception] = []

    def upgrade_beside() -> None:
        try:
            upgrade(old)
        except Exception as error:  # noqa: BLE001 - of a thread nobody sees it otherwise
            failed.append(error)

    threads = [threading.Thread(target=upgrade_beside) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []


def test_both_a_new_and_an_upgraded_one_have_all_changes(old: Database, database: Database) -> None:
    upgrade(old)

    recorded = "select number, name from schema_migrations order by number"
    assert old.rows(recorded) == database.rows(recorded) == [list(change) for change in CHANGES]


def test_changes_are_numbered_one_after_the_other_and_the_first_file_knows_the_last() -> None:
    ledger = (SQL / "migrations" / "000_schema_migrations.sql").read_text()

    assert [number for number, _ in CHANGES] == list(range(1, len(CHANGES) + 1))
    assert f"newest constant integer := {len(CHANGES)};" in ledger


def test_a_change_says_its_own_number_and_name() -> None:
    for number, name in CHANGES:
        text = (SQL / "migrations" / f"{number:03}_{name}.sql").read_text()
        assert f"if not take_migration({number}, '{name}') then" in text


def test_a_change_is_made_once_and_only_where_the_database_is_older(
    old: Database, database: Database
) -> None:
    upgrade(old)
    take = "select take_migration(900, 'another')"

    assert [old.rows(take), old.rows(take)] == [[[True]], [[False]]]
    assert database.rows("drop table cdevents_raw cascade") == []
    assert [database.rows(take), database.rows(take)] == [[[False]], [[False]]]


def test_a_newer_database_is_refused_and_left_as_it_is(database: Database) -> None:
    database.rows(NEWER)
    database.rows("drop table replays")

    with pytest.raises(StackError) as refused:
        upgrade(database)

    assert str(refused.value).endswith(
        f"expected a database with schema changes up to number {len(CHANGES)}, got one with number "
        "999 (of_tomorrow): install the release that it is of, or a newer one"
    )
    assert database.rows("select to_regclass('replays')") == [[None]]


def test_another_change_of_the_same_number_is_refused(database: Database) -> None:
    database.rows("insert into schema_migrations (number, name) values (900, 'mine')")

    with pytest.raises(Exception, match=r"change number 900 to be yours, got .* where it is mine"):
        database.rows("select take_migration(900, 'yours')")


def test_patterns_of_ones_own_become_words_that_go_before_all_others(old: Database) -> None:
    old.rows(
        "insert into environment_tiers values ('Blue%', 'production'), ('prod-eu1', 'testing'),"
        " ('%west%', 'staging'); delete from environment_tiers where pattern = 'qa%'"
    )

    upgrade(old)

    own = "select word, tier from tier_words where position = 0 order by word"
    assert old.rows(own) == [["blue", "production"], ["prod eu", "testing"]]
    tiers = "select environment_tier(name) from unnest('{blue-2,prod-eu2,qa}'::text[]) as name"
    assert old.rows(tiers) == [["production"], ["testing"], ["testing"]]
