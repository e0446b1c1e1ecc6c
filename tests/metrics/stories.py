"""Histories and stories with worked-out numbers: recording what happens in them, and comparing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Database, Functions
from tests.metrics.conftest import BATCH, METRICS, TICK


@contextmanager
def installation(
    database: Database, function: Functions, folder: Path, story: dict[str, Any]
) -> Iterator[None]:
    """A database in which nothing has happened, and functions that use it and the catalog of a story."""
    catalog = folder / f"{story['name']}.yaml"
    if "catalog" in story:
        catalog.write_text(yaml.safe_dump(story["catalog"]))
    database.empty()
    with pytest.MonkeyPatch.context() as patch:
        database.use(patch)
        for name in ("metrics-endpoint", *METRICS):
            patch.setitem(function(name).environment, "DORA_CATALOG", str(catalog))
        yield


def record(function: Functions, cloudevents: Iterable[dict[str, Any]]) -> None:
    """Record CDEvents in a batch, and let each metric catch up."""
    recorded = function("cdevents-endpoint").post(json.dumps([*cloudevents]), content_type=BATCH)
    refused = json.loads(recorded.data)["refused"]
    assert refused == [], refused
    for metric in METRICS:
        assert function(metric).post(TICK).status_code == 204


def differences(function: Functions, story: dict[str, Any]) -> Iterator[str]:
    """Return what is answered otherwise than expected: a line for each field."""
    for metric, fields in story["expect"].items():
        answer = function("metrics-endpoint").get(
            f"/metrics/{metric}", bucket="all", **story["asked"]
        )
        if answer.status_code != 200:
            yield f"{story['name']} {metric}: {answer.text}"
            continue
        [group] = json.loads(answer.data)["groups"] or [{}]
        for field, expected in fields.items():
            got = group.get(field, "no such field" if group else None)
            if not is_same(got, expected):
                yield f"{story['name']} {metric} {field}: expected {expected}, got {got}"


def is_same(got: Any, expected: Any) -> bool:
    """Tell whether two values are the same; no group means null and 0."""
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return abs(got - expected) <= 1e-6
    return got == expected or (got is None and expected == 0)
