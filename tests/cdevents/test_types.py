from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from dora.cdevents import types
from dora.cdevents.schemas import problem, schema_for
from dora.cdevents.types import RELEASES, SPEC_VERSION, TABLE, TYPES, newest

if TYPE_CHECKING:
    from pathlib import Path

# What says nothing about which events are valid: in draft 2020-12 contentEncoding is a remark too.
REMARKS = {"$schema", "$id", "description", "default", "example", "contentEncoding"}


def normalised(schema: dict[str, Any], links: Path) -> dict[str, Any]:
    """Bring a schema into the one form that all schemas accepting the same events have here."""
    schema = {keyword: value for keyword, value in schema.items() if keyword not in REMARKS}
    if "$ref" in schema:
        file = links / f"{schema['$ref'].rpartition('/')[2]}.json"
        return normalised(json.loads(file.read_text()), links)
    if "anyOf" in schema:
        return alternatives([normalised(each, links) for each in schema["anyOf"]])
    if "oneOf" in schema:
        assert schema["oneOf"][0] == {"type": "object"}
        return {"type": [each["type"] for each in schema["oneOf"]]}
    if schema["type"] == "object":
        schema["properties"] = {
            name: normalised(each, links) for name, each in schema.get("properties", {}).items()
        }
        schema["required"] = sorted(schema.get("required", []))
        schema.setdefault("additionalProperties", True)
    if schema["type"] == "array":
        schema["items"] = normalised(schema["items"], links)
    if "enum" in schema and all(schema["enum"]):
        schema.pop("minLength", None)
    return schema


def alternatives(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    if {each["type"] for each in schemas} != {"string"}:
        return {"anyOf": schemas}
    (any_string,) = (each for each in schemas if "enum" not in each)  # takes the enum's values too
    return any_string


def ours(official: dict[str, Any]) -> dict[str, Any]:
    context = official["properties"]["context"]
    names = context["properties"]["type"].get("enum") or set(context["properties"])
    (name,) = [each for each in (*TYPES, "version", "specversion") if each in names]
    schema = schema_for(name)
    assert schema
    del schema["properties"]["customData"]["properties"]  # only our own key
    return schema


def test_each_generated_schema_accepts_exactly_what_the_official_one_accepts(
    official: dict[str, Any], schema_file: Path
) -> None:
    links = schema_file.parents[1] / "schemas" / "links"
    assert normalised(ours(official), links) == normalised(official, links)


def test_there_are_as_many_types_as_in_the_official_releases() -> None:
    rows = [line.split()[1:4] for line in TABLE.strip().splitlines()[1:]]
    found = Counter(
        release
        for row in rows
        for release, version in zip(RELEASES, row, strict=True)
        if version != "-"
    )
    assert found == {"0.3.0": 39, "0.4.1": 45, "0.5.1": 45}
    assert len(TYPES) == 129


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("service.deployed", "dev.cdevents.service.deployed.0.3.0"),
        ("change.created", "dev.cdevents.change.created.0.4.0"),
        ("ticket.closed", "dev.cdevents.ticket.closed.0.2.0"),
        ("pipelinerun.finished", "dev.cdevents.pipelinerun.finished.0.3.0"),
        ("pipelineRun.finished", "dev.cdevents.pipelinerun.finished.0.3.0"),
    ],
)
def test_the_newest_type_of_an_event_is_that_of_the_newest_release(
    event: str, expected: str
) -> None:
    assert newest(event) == expected
    assert list(RELEASES)[-1] == SPEC_VERSION


def test_there_is_no_newest_type_of_an_event_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        newest("service.exploded")


def test_the_table_stands_by_itself_without_the_validator() -> None:
    code = f"import runpy, sys; runpy.run_path({types.__file__!r}); sys.exit('jsonschema_rs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def of_0_3_0(event: str, content: dict[str, Any], **context: Any) -> dict[str, Any]:
    name = f"dev.cdevents.{event.lower()}"
    return {
        "context": {
            "version": "0.3.0",
            "id": "271069a8-fc18-44f1-b38f-9d70a1695819",
            "source": "/event/source/123",
            "type": name,
            "timestamp": "2023-03-20T14:27:05.315384Z",
            **context,
        },
        "subject": {"id": "s1", "type": event.partition(".")[0], "content": content},
    }


ENVIRONMENT = {"environment": {"id": "production"}}


@pytest.mark.parametrize(
    ("event", "content"),
    [
        ("service.deployed.0.1.1", {**ENVIRONMENT, "artifactId": "pkg:oci/nginx?tag=1.14.2"}),
        ("change.merged.0.1.2", {"repository": {"id": "r1", "source": "https://example.org/r1"}}),
        ("incident.detected.0.1.0", {**ENVIRONMENT, "service": {"id": "s1"}}),
        ("artifact.packaged.0.1.1", {"change": {"id": "c1"}}),
        ("artifact.published.0.1.1", {}),
        ("change.created.0.1.2", {"repository": {"id": "r1"}}),
        ("pipelineRun.started.0.1.1", {"pipelineName": "build", "url": "any text"}),
        ("testSuiteRun.queued.0.1.0", {**ENVIRONMENT, "testSuite": {"id": "t", "url": "urn:t:1"}}),
    ],
)
def test_an_event_of_release_0_3_0_is_valid(event: str, content: dict[str, Any]) -> None:
    assert problem(of_0_3_0(event, content)) is None


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            of_0_3_0("service.deployed.0.1.1", ENVIRONMENT),
            "subject.content.artifactId is required in dev.cdevents.service.deployed.0.1.1",
        ),
        (
            of_0_3_0("artifact.packaged.0.1.1", {}),
            "subject.content.change is required in dev.cdevents.artifact.packaged.0.1.1",
        ),
        (
            of_0_3_0("artifact.published.0.1.1", {"sbom": {"uri": "/sbom"}}),
            "subject.content has the unexpected field 'sbom'",
        ),
        (
            of_0_3_0("change.created.0.1.2", {"description": "new in 0.4"}),
            "subject.content has the unexpected field 'description'",
        ),
        (
            of_0_3_0("build.queued.0.1.1", {}, links=[]),
            "context has the unexpected field 'links'",
        ),
        (
            of_0_3_0("ticket.created.0.0.1", {}),
            "dev.cdevents.ticket.created.0.0.1 is not a CDEvents type of releases 0.3.0, 0.4.1 or 0.5.1",
        ),
    ],
    ids=["artifactId", "change", "sbom", "description", "links", "ticket"],
)
def test_an_event_of_release_0_3_0_is_refused(event: dict[str, Any], expected: str) -> None:
    assert problem(event) == expected


@pytest.mark.parametrize("name", ["version", "id", "source", "timestamp"])
def test_the_context_of_release_0_3_0_needs_what_it_needs_later(name: str) -> None:
    event = of_0_3_0("build.queued.0.1.1", {})
    event["context"][name] = ""
    assert str(problem(event)).startswith(f"context.{name}: expected a")
    del event["context"][name]
    assert problem(event) == (f"context.{name} is required in dev.cdevents.build.queued.0.1.1")
