"""The longest that the gate lets through fits into every index; a byte more is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dora.cdevents.limits import LONGEST, MOST
from dora.limits import ARTIFACT_BYTES, ENVIRONMENT_BYTES, FINGERPRINT_BYTES, NAME_BYTES, UID_BYTES
from tests.conftest import FUNCTIONS, Database, Functions
from tests.events import carried, cloudevent
from tests.faults.longest import CATALOG, events, longest
from tests.metrics.conftest import METRICS, TICK
from tests.metrics.happenings import deployed, incident, merged, packaged

if TYPE_CHECKING:
    from pathlib import Path

# A page's third is what an entry of a B-tree may have; its header, a pointer or two of alignment.
MOST_ENTRY_BYTES, ENTRY_BYTES = 2704, 16
INDEXED = """
select
    named.relname || ' (' || pg_get_indexdef(index.indexrelid, part.attnum, true) || ')',
    index.indrelid::regclass::text, index.indexrelid::regclass::text, access.amname,
    pg_get_indexdef(index.indexrelid, part.attnum, true),
    part.attlen
from pg_index as index
inner join pg_class as named on index.indrelid = named.oid
inner join pg_class as own on index.indexrelid = own.oid
inner join pg_am as access on own.relam = access.oid
inner join pg_attribute as part on index.indexrelid = part.attrelid
where named.relnamespace = 'public'::regnamespace and access.amname <> 'brin'
order by index.indexrelid, part.attnum
"""
# Written by who operates, or by our own settings: never what an event or the catalog says.
NOT_OF_EVENTS = {"replays", "metric_settings", "tier_words", "performance_levels", "rebuilds"}
# A digest of an event, and names of our own tables.
NOT_OF_EVENTS |= {"forgotten_events", "locks"}
# A number of 15 digits, and what our own code names: kinds of things, metrics, tables.
OURS = ("repository_number", "predicate", "kind", "metric", "consumer", "kept_in", "level", "type")


def test_every_index_holds_the_longest_that_the_gate_and_the_catalog_let_through(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text(json.dumps(CATALOG))
    for event in events():
        answer = function("cdevents-endpoint").post(carried(event))
        assert answer.status_code == 200, answer.text
    for metric in METRICS:
        answer = function(metric).post(TICK)
        assert answer.status_code == 204, answer.text
    for way in ("webhooks/github", "webhooks/generic"):
        event = cloudevent(id=longest("i", 1024), source=longest("s", 1024), wayin=way, by=way)
        answer = function("cloudevents-endpoint").post(event)
        assert answer.status_code == 204, answer.text

    sizes: dict[str, int] = {}
    short: list[str] = []
    for place, table, index, method, part, length in database.rows(INDEXED):
        size, is_long = _largest(database, table, part, length, in_gin=method == "gin")
        # A part of a GIN index is an entry of its own.
        key = f"{index} {part}" if method == "gin" else index
        sizes[key] = sizes.get(key, ENTRY_BYTES) + size
        if table not in NOT_OF_EVENTS and not is_long and not part.endswith(OURS):
            short.append(place)

    assert short == []
    assert {index: size for index, size in sizes.items() if size > MOST_ENTRY_BYTES} == {}


def _largest(
    database: Database, table: str, part: str, length: int, *, in_gin: bool
) -> tuple[int, bool]:
    """Return the bytes of the largest value of a part of an index, and whether it is a long text."""
    if length > 0:
        return 8, True  # aligned
    value = f"(select max(octet_length(one)) from unnest({part}) as one)" if in_gin else part
    measured = value if in_gin else f"octet_length(({part})::text)"
    [[size]] = database.rows(f"select max({measured}) from {table}")
    is_digest = "md5(" in part or "names_digest(" in part
    return (size or 0) + 8, is_digest or (size or 0) >= FINGERPRINT_BYTES


NAME = "x" * (NAME_BYTES + 1)
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "id": (deployed(NAME, 0), f"context.id: expected at most {NAME_BYTES} bytes, got 401"),
    "source": (
        deployed("d1", 0, source=NAME),
        f"context.source: expected at most {NAME_BYTES} bytes, got 401",
    ),
    "service": (
        deployed("d1", 0, service="é" * NAME_BYTES),
        f"subject.id: expected at most {NAME_BYTES} bytes, got {2 * NAME_BYTES}",
    ),
    "environment": (
        deployed("d1", 0, environment="e" * (ENVIRONMENT_BYTES + 1)),
        "subject.content.environment.id: expected at most 255 bytes, got 256",
    ),
    "artifact": (
        packaged("a" * (ARTIFACT_BYTES + 1), "c1", id="p1"),
        "subject.id: expected at most 1024 bytes, got 1025",
    ),
    "uid": (
        deployed("d1", 0, uid="u" * (UID_BYTES + 1)),
        "customData.dora.uid: expected at most 256 bytes, got 257",
    ),
    "repository": (
        merged("c1", 0, repository=NAME, id="m1"),
        f"subject.content.repository.id: expected at most {NAME_BYTES} bytes, got 401",
    ),
    "commit": (
        merged("c1", 0, "c2", NAME),
        f"customData.dora.commits.sha: expected at most {NAME_BYTES} bytes, got 401",
    ),
    "branch": (
        merged("c1", 0, branch=NAME, id="m1"),
        f"customData.dora.branch: expected at most {NAME_BYTES} bytes, got 401",
    ),
    "commits": (
        merged("c1", 0, *(f"{number:x}" for number in range(10_001))),
        "customData.dora.commits: expected at most 10000 entries, got 10001",
    ),
    "images": (
        deployed("d1", 0, images=["a"] * 1001),
        "customData.dora.images: expected at most 1000 entries, got 1001",
    ),
    "links": (
        incident("detected", 0, links=[{"linkType": "END"}] * 1001),
        "context.links: expected at most 1000 entries, got 1001",
    ),
    "names": (
        deployed("d1", 0, serviceNames=["a"] * 1000),
        "customData.dora.serviceNames: expected at most 20 entries, got 1000",
    ),
    "a time to come": (
        deployed("d1", 60 * 24 * 365 * 900),
        "context.timestamp: expected a time at most a day ahead of ours, got 292",
    ),
    "a time that nobody can ask about": (
        deployed("d1", -60 * 24 * 365 * 200),
        "context.timestamp: expected a time of the year 1900 or later, got 1826",
    ),
    "a start that is none": (
        deployed("d1", 0, startedAt="0001-01-01T00:00:00Z"),
        "customData.dora.startedAt: expected a time of the year 1900 or later, got 0001",
    ),
    "a start to come": (
        deployed("d1", 0, startedAt="9999-12-31T23:59:59-14:00"),
        "customData.dora.startedAt: expected a time at most a day ahead of ours, got 9999",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_longer_more_or_later_is_refused_with_a_sentence(
    database: Database, function: Functions, what: str
) -> None:
    event, sentence = REFUSED[what]

    answer = function("cdevents-endpoint").post(carried(event))

    assert answer.status_code == 422
    assert answer.text.startswith(sentence)
    assert database.rows("select count(*) from cdevents_raw") == [[0]]


@pytest.mark.parametrize("name", ["id", "source", "type"])
def test_a_cloudevent_with_a_longer_name_is_refused_with_a_sentence(
    database: Database, function: Functions, name: str
) -> None:
    answer = function("cloudevents-endpoint").post(cloudevent(**{name: "x" * 3000}))

    assert answer.status_code == 400
    assert answer.text == f"the CloudEvent's {name}: expected at most 1024 bytes, got 3000"
    assert database.rows("select count(*) from cloudevents_raw") == [[0]]


def test_a_place_with_a_limit_is_one_that_schemas_know() -> None:
    known = {"context", "subject", "customData"}

    assert {place.split(".")[0] for place in (*LONGEST, *MOST)} == known


def test_an_alert_whose_group_has_a_long_key_is_an_incident_all_the_same(
    database: Database, function: Functions
) -> None:
    inputs = FUNCTIONS["alertmanager-transformer"].folder.parents[2] / "tests" / "functions"
    alert = json.loads((inputs / "alertmanager-transformer/inputs/01-firing.json").read_text())
    alert["data"]["fingerprint"] = "é" * 2000
    alert["data"].pop("groupKey", None)

    reported = function("alertmanager-transformer").post(alert)
    kept = function("cdevents-endpoint").post(
        reported.data.decode(), content_type="application/cloudevents+json"
    )

    assert kept.status_code == 200, kept.text
    [[incident]] = database.rows("select cd_subject_id from cdevents_raw")
    assert len(incident.encode()) <= NAME_BYTES
