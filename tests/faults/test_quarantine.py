"""An event that cannot be applied is found, set aside with its reason, and holds up no other one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dora import database as dora_database
from dora.commands.command_line import load, parser_of
from dora.rebuilding import rebuild
from tests.conftest import Database, Functions
from tests.events import carried
from tests.faults.longest import longest
from tests.metrics.conftest import JSON, METRICS, TICK
from tests.metrics.happenings import deployed, merged

if TYPE_CHECKING:
    from tests.metrics.happenings import Event

# Into the log of a release that had no limits.
INSERT = """
insert into cdevents_raw (cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, content)
select
    event #>> '{context,source}', event #>> '{context,id}',
    (event #>> '{context,timestamp}')::timestamptz, event #>> '{context,type}',
    event #>> '{subject,id}', event
from (select :event::jsonb as event) as one
"""
ASIDE = "select metric, cd_id from quarantined order by 1, 2"
ROWS = {
    "deployments": "select deploy_id from deployments order by 1",
    "failures": "select deploy_id from deployment_failures order by 1",
    "shipped": "select deploy_id, sha from shipped_changes order by 1, 2",
    "timeline": "select cd_id from timeline order by 1",
}
# Too long for indexes of the timeline; for one of lead time's, together with the repository.
NOT_TO_APPLY = deployed(
    "bad", 500, service=longest("bad", 2000), templateFingerprint=longest("template", 1500), uid="u"
)
LONG = longest("https://git.example/", 1000)
NOT_TO_SHIP = [
    merged("bad0", 20, "bad0", id="bad-change", repository=LONG),
    deployed("bad-shipping", 510, service=longest("bad", 2000), commit="bad0"),
]


def _ordinary() -> list[Event]:
    made = []
    for number in range(12):
        made.append(merged(f"c{number}", number, f"c{number}", id=f"change-{number}"))
        made.append(deployed(f"d{number}", 600 + 60 * number, commit=f"c{number}"))
    return made


def _record(database: Database, events: list[Event]) -> None:
    for event in events:
        database.rows(INSERT, event=json.dumps(event))


def _tick(function: Functions) -> None:
    for metric in METRICS:
        answer = function(metric).post(TICK)
        assert answer.status_code == 204, answer.text


def _all(database: Database) -> dict[str, Any]:
    return {name: database.rows(sql) for name, sql in ROWS.items()} | {
        "aside": database.rows(ASIDE)
    }


def _run(*words: str) -> int:
    return load(words[0]).run(parser_of([words[0]]).parse_args(words))


@pytest.fixture
def expected(database: Database, function: Functions) -> dict[str, Any]:
    """What is computed where nothing is wrong."""
    _record(database, _ordinary())
    _tick(function)
    rows = _all(database)
    database.empty()
    assert len(rows["deployments"]) == 12
    assert len(rows["shipped"]) == 12
    return rows


@pytest.mark.parametrize("place", [0, 11, 24])
def test_an_event_that_cannot_be_applied_is_set_aside_and_all_else_goes_on(
    database: Database, function: Functions, expected: dict[str, Any], place: int
) -> None:
    events = _ordinary()
    _record(database, [*events[:place], NOT_TO_APPLY, *events[place:]])

    _tick(function)

    assert _all(database) == expected | {"aside": [["timeline", "bad"]]}
    [[reason]] = database.rows("select reason from quarantined")
    assert "index row size" in reason


def test_a_second_tick_and_a_rebuild_find_the_same(
    database: Database, function: Functions, expected: dict[str, Any]
) -> None:
    _record(database, [NOT_TO_APPLY, *_ordinary()])
    _tick(function)

    _tick(function)
    again = _all(database)
    rebuild("all")

    assert again == _all(database) == expected | {"aside": [["timeline", "bad"]]}


def test_a_rebuild_sets_it_aside_itself(
    database: Database, function: Functions, expected: dict[str, Any]
) -> None:
    _record(database, [*_ordinary()[:10], NOT_TO_APPLY, *_ordinary()[10:]])

    rebuild("all")
    _tick(function)

    assert _all(database) == expected | {"aside": [["timeline", "bad"]]}


def test_an_event_is_applied_though_one_that_waits_behind_it_cannot_be(
    database: Database, function: Functions
) -> None:
    ordinary, bad = deployed("ordinary", 490), NOT_TO_APPLY
    _record(database, [ordinary, bad])
    aside = []

    for event in (ordinary, bad):
        recorded = json.dumps(carried(event) | {"recorded": "true"})
        assert function(METRICS[0]).post(recorded, **JSON).status_code == 204
        aside.append(database.rows(ASIDE))

    assert aside == [[], [["timeline", "bad"]]]
    assert database.rows(ROWS["timeline"]) == [["ordinary"]]


def test_the_event_itself_is_answered_and_what_comes_after_it_is_counted(
    database: Database, function: Functions
) -> None:
    recorded = carried(NOT_TO_APPLY) | {"recorded": "true"}
    _record(database, [NOT_TO_APPLY])
    answers = [function(metric).post(json.dumps(recorded), **JSON) for metric in METRICS]
    after = deployed("after", 900, service=longest("bad", 2000))
    _record(database, [after])

    _tick(function)

    assert [answer.status_code for answer in answers] == [204] * len(METRICS)
    assert database.rows(ROWS["deployments"]) == [["after"]]


def test_what_one_metric_cannot_compute_the_others_do(
    database: Database, function: Functions, expected: dict[str, Any]
) -> None:
    events = _ordinary()
    _record(database, [*events[:10], *NOT_TO_SHIP, *events[10:]])

    _tick(function)
    _tick(function)

    rows = _all(database)
    assert rows["aside"] == [["lead-time-for-changes", "bad-shipping"]]
    assert rows["shipped"] == expected["shipped"]
    assert ["bad-shipping"] in rows["deployments"]
    assert len(rows["failures"]) == 13


# What makes the writing of rows fail, as a mistake in a statement would.
FAIL = """
create function fail() returns trigger language plpgsql as $$
begin
    raise exception 'it is beside what is odd';
end
$$;
create trigger fail before insert on {table} for each row when ({condition}) execute function fail()
"""
BESIDE_ODD = """
create function is_beside_odd(source text, id text, service text) returns boolean language sql as $$
    select id <> 'odd' and exists (
        select from timeline where service_id = service and cd_id = 'odd'
    )
$$
"""


@pytest.mark.parametrize("place", [0, 5])
def test_an_event_beside_which_others_cannot_be_applied_is_set_aside_and_they_are_not(
    database: Database, function: Functions, expected: dict[str, Any], place: int
) -> None:
    database.rows(BESIDE_ODD)
    condition = "is_beside_odd(new.cd_source, new.cd_id, new.service_id)"
    database.rows(FAIL.format(table="timeline", condition=condition))
    events = _ordinary()
    others = [deployed(f"other{number}", 700 + number, service="cart") for number in range(3)]
    _record(database, [*events[:place], deployed("odd", 500), *events[place:], *others])

    _tick(function)
    _tick(function)

    rows = _all(database)
    assert rows["aside"] == [["timeline", "odd"]]
    assert rows["shipped"] == expected["shipped"]
    assert [row for row in rows["timeline"] if not row[0].startswith("other")] == expected[
        "timeline"
    ]
    assert len(rows["timeline"]) == len(expected["timeline"]) + len(others)
    [[reason]] = database.rows("select reason from quarantined")
    assert "it is beside what is odd" in reason


def test_of_two_events_that_cannot_be_beside_each_other_the_later_one_says_so(
    database: Database, function: Functions
) -> None:
    database.rows(BESIDE_ODD)
    condition = "is_beside_odd(new.cd_source, new.cd_id, new.service_id)"
    database.rows(FAIL.format(table="timeline", condition=condition))
    _record(database, [deployed("odd", 500), deployed("d1", 600)])

    _tick(function)
    _tick(function)

    assert database.rows(ASIDE) == [["timeline", "d1"]]
    [[reason]] = database.rows("select reason from quarantined")
    assert reason.endswith("; it could be applied without /tests odd")


@pytest.mark.parametrize(
    "late",
    [
        deployed("late", 630, commit="c12"),
        merged("c1", 1, "c-earlier", "c1", id="late-push"),
    ],
    ids=["a deployment", "a push"],
)
def test_where_a_late_event_comes_before_a_deployment_of_which_lead_time_cannot_be_computed(
    database: Database, function: Functions, expected: dict[str, Any], late: Event
) -> None:
    condition = "new.deploy_id = 'd3'"
    database.rows(FAIL.format(table="reached_steps", condition=condition))
    _record(database, _ordinary())
    _tick(function)
    _record(database, [late])

    _tick(function)

    rows = _all(database)
    assert rows["aside"] == [["lead-time-for-changes", "d3"]]
    assert database.rows("select count(*) from stale_deployments") == [[0]]
    shipping = {name for name, _ in rows["shipped"]}
    assert {name for name, _ in expected["shipped"]} - shipping <= {"d3", "d1"}
    assert len(rows["deployments"]) == 12 + (late["context"]["id"] == "late")


def test_a_change_that_lead_time_cannot_look_at_holds_up_no_other(
    database: Database, function: Functions, expected: dict[str, Any]
) -> None:
    _record(database, _ordinary())
    _tick(function)
    [[definition]] = database.rows("select pg_get_functiondef('shipping_places'::regproc)")
    stale = "from unnest(shipping_places.stale) as key"
    odd = "cross join lateral (select 1 where 1 / (key.cd_id <> 'change-3')::integer = 1) as odd"
    database.rows(definition.replace(stale, f"{stale} {odd}"))
    _record(
        database,
        [
            # What change-3 continues from now, so that it is looked at.
            merged("c25", 2.5, "c25", id="change-25"),
            merged("c12", 12, "c12", id="change-12"),
            deployed("d12", 1400, commit="c12"),
        ],
    )

    _tick(function)

    rows = _all(database)
    assert rows["aside"] == [["lead-time-for-changes", "change-3"]]
    assert rows["shipped"] == sorted([*expected["shipped"], ["d12", "c12"]])


def test_after_the_reason_is_mended_a_command_lets_all_be_tried_again(
    database: Database, function: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    _record(database, [NOT_TO_APPLY, *NOT_TO_SHIP, *_ordinary()])
    _tick(function)
    database.rows("drop index timeline_template, reached_steps_service")

    dora_database.close()  # who retries is another role
    assert _run("retry") == 0
    _tick(function)

    assert "1 event and 1 deployment will be tried again" in capsys.readouterr().out
    assert database.rows(ASIDE) == []
    found = {name for [name] in database.rows(ROWS["deployments"])}
    assert {"bad", "bad-shipping"} <= found
    assert ["bad-shipping", "bad0"] in database.rows(ROWS["shipped"])


def test_quality_says_what_was_set_aside_and_what_to_do(
    database: Database, function: Functions
) -> None:
    _record(database, [NOT_TO_APPLY])
    _tick(function)

    answer = function("metrics-endpoint").get("/quality").json

    assert answer
    [problem] = [each for each in answer["problems"] if each["kind"] == "quarantined"]
    assert problem["severity"] == "error"
    assert problem["what"].startswith("1 event could not be applied to timeline and was set aside")
    assert problem["mend"].endswith("python -m dora retry.")
