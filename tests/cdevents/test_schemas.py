from __future__ import annotations

import copy
import json
import random
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator, Registry

from dora.cdevents.schemas import problem, schema_for
from dora.cdevents.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Place: TypeAlias = tuple[str, ...]

MUTATIONS = 300  # of each example
NAMES = ["id", "source", "type", "version", "specversion", "url", "uri", "links", "tags", "added"]
VALUES = [
    *(None, "", 3, True, [], {}, "text", "not a % uri", "2024-02-30T00:00:00Z", "pass", "success"),
    *("https://example.org/x", "2024-02-03T04:05:06+01:00", ["text"], [3], {"id": "x"}),
    *({"id": "x", "source": ""}, {"id": "", "source": "/x"}, {"uri": "/x"}, {"type": "manual"}),
    [{"linkType": "END", "from": {"contextId": "x"}, "tags": {"a": 1}}],
    [{"linkType": "PATH"}],
    [{"linkType": "RELATION", "linkKind": "x", "target": {"contextId": ""}}],
]


def schema_of(event: dict[str, Any]) -> dict[str, Any]:
    context = event["context"]
    version_field = "specversion" if "specversion" in context else "version"
    schema = schema_for(context["type"] if context["type"] in TYPES else version_field)
    assert schema
    return schema


def objects(
    schema: dict[str, Any], value: Any, place: Place = ()
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Find the objects in an event, each with its place and its schema."""
    if isinstance(value, dict) and "additionalProperties" in schema:
        yield place, schema
        for name in value.keys() & schema["properties"].keys():
            yield from objects(schema["properties"][name], value[name], (*place, name))


def at(event: Any, place: Place) -> Any:
    for step in place:
        event = event[step]
    return event


def test_each_official_example_is_valid(example: dict[str, Any]) -> None:
    assert problem(example) is None


def test_each_official_example_without_a_required_field_is_refused(example: dict[str, Any]) -> None:
    required = [
        (*place, name)
        for place, schema in objects(schema_of(example), example)
        for name in schema["required"]
        if name != "version" or example["context"]["type"] in TYPES  # custom: it names the release
    ]
    assert len(required) >= 8
    for *place, name in required:
        event = copy.deepcopy(example)
        del at(event, tuple(place))[name]
        assert str(problem(event)).startswith(f"{'.'.join([*place, name])} is required in ")


def test_each_official_example_with_an_unexpected_field_is_refused(example: dict[str, Any]) -> None:
    closed = [
        place
        for place, schema in objects(schema_of(example), example)
        if not schema["additionalProperties"]
    ]
    assert len(closed) >= 3
    for place in closed:
        event = copy.deepcopy(example)
        at(event, place)["replicas"] = 3
        where = ".".join(place) or "the event"
        assert problem(event) == f"{where} has the unexpected field 'replicas'"


@cache
def official_validators(release: Path) -> dict[str, Draft202012Validator]:
    schemas = [json.loads(path.read_text()) for path in release.glob("[sc]*/**/*.json")]
    schemas = [schema for schema in schemas if "$id" in schema]
    registry = Registry([(schema["$id"], schema) for schema in schemas])
    return {
        type_of(schema): Draft202012Validator(schema, registry=registry, validate_formats=True)
        for schema in schemas
        if "context" in schema.get("properties", ())
    }


def type_of(schema: dict[str, Any]) -> str:
    found: str = schema["properties"]["context"]["properties"]["type"].get("default", "custom")
    return found


def containers(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from containers(each)


def mutated(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    event = copy.deepcopy(event)
    for _ in range(chance.choice([1, 1, 2])):
        chosen = chance.choice(list(containers(event)))
        name = chance.choice([*chosen, *NAMES] if chance.random() < 0.3 else [*chosen, "added"])
        if name in chosen and chance.random() < 0.3:
            del chosen[name]
        else:
            chosen[name] = copy.deepcopy(chance.choice(VALUES))
    return event


def test_events_like_each_official_example_are_judged_as_the_official_schema_judges_them(
    example: dict[str, Any], example_file: Path
) -> None:
    validators = official_validators(example_file.parents[1])
    official = validators.get(example["context"]["type"]) or validators["custom"]
    chance = random.Random(example_file.name)  # noqa: S311 - the same events at every run
    for _ in range(MUTATIONS):
        event = mutated(example, chance)
        assert (problem(event) is None) == official.is_valid(event), event


TYPE = "dev.cdevents.service.deployed.0.3.0"


def deployed() -> dict[str, Any]:
    return {
        "context": {
            "specversion": "0.5.1",
            "id": "271069a8-fc18-44f1-b38f-9d70a1695819",
            "source": "/apis/apps/v1/namespaces/production",
            "type": TYPE,
            "timestamp": "2023-08-05T12:00:00Z",
        },
        "subject": {
            "id": "nginx",
            "content": {"environment": {"id": "production"}, "artifactId": "pkg:oci/nginx"},
        },
    }


def with_value(path: str, value: Any) -> dict[str, Any]:
    event = deployed()
    *place, name = path.split(".")
    at(event, tuple(place))[name] = value
    return event


def with_custom_type(name: str, **context: str) -> dict[str, Any]:
    event = deployed()
    event["context"] |= {"type": name, **context}
    return event


RELEASES = "is not a CDEvents type of releases 0.3.0, 0.4.1 or 0.5.1"
REVISION = "customData.dora.revision: expected a whole number from 0 to 9007199254740991"
CUSTOM = "context.type: expected dev.cdeventsx.<tool>-<subject>.<predicate>.<version>"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (None, "the event: expected an object, got null"),
        ([], "the event: expected an object, got a list"),
        ("text", "the event: expected an object, got 'text'"),
        ({}, "context is required in a CDEvent"),
        ({"context": 3}, "context: expected an object, got 3"),
        ({"context": {}}, "context.type is required in a CDEvent"),
        ({"context": {"type": []}}, "context.type: expected a string that is not empty, got a list"),
        (with_value("context.type", TYPE[:-5] + "9.9.9"), f"{TYPE[:-5]}9.9.9 {RELEASES}"),
        (with_value("context.type", "x" * 999), f"{'x' * 79}… {RELEASES}"),
        (with_value("context.type", "\ud800\n"), rf"\ud800\n {RELEASES}"),
        (with_value("context", {"type": TYPE}), f"context.specversion is required in {TYPE}"),
        (with_value("context.version", "0.4.1"), "context has the unexpected field 'version'"),
        (with_value("context.id", ""), "context.id: expected a string that is not empty, got ''"),
        (with_value("context.source", "a b"), "context.source: expected a URI or a relative reference, got 'a b'"),
        (with_value("context.timestamp", "yesterday"), "context.timestamp: expected a date-time, got 'yesterday'"),
        (with_value("context.timestamp", 3.5), "context.timestamp: expected a date-time, got 3.5"),
        (with_value("context.schemaUri", "/x"), "context.schemaUri: expected an absolute URI, got '/x'"),
        (with_value("context.links", {}), "context.links: expected a list, got an object"),
        (with_value("context.links", [3]), "context.links[0]: expected an object, got 3"),
        (with_value("context.links", [{"linkType": "END"}, {}]), f"context.links[1].linkType is required in {TYPE}"),
        (with_value("context.links", [{"linkType": "X"}]), "context.links[0]: expected an END, PATH or RELATION link, got an object"),
        (with_value("context.links", [{"linkType": "PATH"}]), f"context.links[0].from is required in {TYPE}"),
        (with_value("context.links", [{"linkType": "END", "to": 1}]), "context.links[0] has the unexpected field 'to'"),
        (with_value("subject.type", "service"), "subject has the unexpected field 'type'"),
        (with_value("subject.content", {}), f"subject.content.environment is required in {TYPE}"),
        (with_value("subject.content.replicas", 3), "subject.content has the unexpected field 'replicas'"),
        (with_value("subject.content.environment", "prod"), "subject.content.environment: expected an object, got 'prod'"),
        (with_value("customData", []), "customData: expected an object or a string, got a list"),
        (with_value("customData", {"dora": None}), "customData.dora: expected an object, got null"),
        (with_value("customData", {"\ud800": 1}), "the event cannot be read as JSON in UTF-8"),
        (with_value("x" * 999, 1), f"the event has the unexpected field '{'x' * 79}…'"),
        (with_custom_type("dev.cdeventsx.a.b.0.1.0"), f"{CUSTOM}, got 'dev.cdeventsx.a.b.0.1.0'"),
        (with_custom_type("dev.cdeventsx.a-b.c.0.1.0", version="0.4.1"), "context has the unexpected field 'version'"),
        (with_value("context", {"type": "dev.cdeventsx.a-b.c.0.1.0", "version": "0.4.1"}), "context.id is required in a custom CDEvent"),
    ],
)  # fmt: skip
def test_a_bad_event_is_refused_with_a_sentence(event: Any, expected: str) -> None:
    assert problem(event) == expected


def test_an_outcome_that_release_0_5_has_no_more_is_answered_with_those_it_has() -> None:
    event = deployed()
    event["context"]["type"] = "dev.cdevents.pipelinerun.finished.0.3.0"
    event["subject"]["content"] = {"outcome": "pass"}
    assert problem(event) == (
        "subject.content.outcome: expected 'success', 'failure', 'cancel' or 'error', got 'pass'"
    )


DORA: dict[str, Any] = {
    "commits": [
        {"sha": "a1b2c3", "committedAt": "2023-08-05T10:00:00+02:00"},
        {"sha": "d4", "bot": True, "paths": ["src/a.py"]},
    ],
    "branch": "main",
    "defaultBranch": "main",
    "before": "0" * 40,
    "head": "e5",
    "totalCommits": 57,
    "openedAt": "2023-08-04T12:00:00Z",
    "commit": "a1b2c3",
    "repository": "https://example.org/nginx",
    "unplanned": True,
    "images": ["pkg:oci/nginx?tag=1.14.2"],
    "templateFingerprint": "5d5b7d6c",
    "revision": 2**53 - 1,
    "uid": "8c1f3a",
    "deployment": "271069a8",
    "repositoryId": 4711,
    "tier": "production",
    "startedAt": "2023-08-05T09:00:00Z",
    "mergedInto": "Q1",
    "assumedEnvironment": True,
    "serviceNames": ["P1", "shop"],
}


@pytest.mark.parametrize(
    "dora",
    [
        *({name: value} for name, value in DORA.items()),
        *({}, {"commits": []}, {"branch": ""}, {"revision": 0}, {"another": [1]}),
        {"commits": [{"sha": "a", "author": "b"}]},
        {"repositoryId": "4711"},
    ],
    ids=json.dumps,
)
def test_each_part_of_our_own_custom_data_may_be_there_or_not(dora: dict[str, Any]) -> None:
    assert problem(with_value("customData", {"dora": dora, "other": 1})) is None
    assert problem(with_value("customData", {"dora": DORA | dora})) is None


@pytest.mark.parametrize(
    ("dora", "expected"),
    [
        ({"commits": {}}, "customData.dora.commits: expected a list, got an object"),
        ({"commits": ["a1"]}, "customData.dora.commits[0]: expected an object, got 'a1'"),
        ({"commits": [{}]}, f"customData.dora.commits[0].sha is required in {TYPE}"),
        ({"commits": [{"sha": ""}]}, "customData.dora.commits[0].sha: expected a string that is not empty, got ''"),
        ({"commits": [{"sha": "a", "committedAt": 1}]}, "customData.dora.commits[0].committedAt: expected a date-time, got 1"),
        ({"commits": [{"sha": "a", "paths": [1]}]}, "customData.dora.commits[0].paths[0]: expected a string that is not empty, got 1"),
        ({"commits": [{"sha": "a", "bot": "no"}]}, "customData.dora.commits[0].bot: expected true or false, got 'no'"),
        ({"totalCommits": 2**31}, "customData.dora.totalCommits: expected a whole number from 0 to 2147483647, got 2147483648"),
        ({"repositoryId": "acme"}, "customData.dora.repositoryId: expected a whole number, or its digits, got 'acme'"),
        ({"repositoryId": 1.5}, "customData.dora.repositoryId: expected a whole number, or its digits, got 1.5"),
        ({"startedAt": "now"}, "customData.dora.startedAt: expected a date-time, got 'now'"),
        ({"tier": ""}, "customData.dora.tier: expected a string that is not empty, got ''"),
        ({"assumedEnvironment": 1}, "customData.dora.assumedEnvironment: expected true or false, got 1"),
        ({"serviceNames": "shop"}, "customData.dora.serviceNames: expected a list, got 'shop'"),
        ({"branch": None}, "customData.dora.branch: expected a string, got null"),
        ({"branch": True}, "customData.dora.branch: expected a string, got true"),
        ({"openedAt": "now"}, "customData.dora.openedAt: expected a date-time, got 'now'"),
        ({"commit": ""}, "customData.dora.commit: expected a string that is not empty, got ''"),
        ({"repository": ""}, "customData.dora.repository: expected a string that is not empty, got ''"),
        ({"unplanned": "yes"}, "customData.dora.unplanned: expected true or false, got 'yes'"),
        ({"images": [""]}, "customData.dora.images[0]: expected a string that is not empty, got ''"),
        ({"templateFingerprint": 1}, "customData.dora.templateFingerprint: expected a string that is not empty, got 1"),
        ({"revision": -1}, f"{REVISION}, got -1"),
        ({"revision": 2**53}, f"{REVISION}, got 9007199254740992"),
        ({"revision": 1.5}, f"{REVISION}, got 1.5"),
        ({"revision": "3"}, f"{REVISION}, got '3'"),
        ({"uid": ""}, "customData.dora.uid: expected a string that is not empty, got ''"),
        ({"deployment": ""}, "customData.dora.deployment: expected a string that is not empty, got ''"),
    ],
)  # fmt: skip
def test_a_wrong_part_of_our_own_custom_data_is_refused(
    dora: dict[str, Any], expected: str
) -> None:
    assert problem(with_value("customData", {"dora": dora})) == expected


@pytest.mark.parametrize("data", ["dora", "not base64 !", {"dora.revision": "x"}])
def test_other_custom_data_is_left_alone(data: Any) -> None:
    assert problem(with_value("customData", data)) is None


def test_custom_data_deeper_than_the_validator_follows_does_not_break_it() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}
    assert problem(with_value("customData", {"dora": {"uid": deep}})) == (
        "the event cannot be read as JSON in UTF-8"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
PATHS = [
    *("context", "context.type", "context.timestamp", "context.links", "subject.content"),
    *("subject.content.environment", "customData", "customDataContentType"),
]


@given(st.sampled_from(PATHS), JSON)
def test_no_json_makes_it_raise(path: str, value: Any) -> None:
    for event in (value, with_value(path, value), with_value("customData", {"dora": value})):
        sentence = problem(event)
        assert sentence is None or "\n" not in sentence.encode().decode()
