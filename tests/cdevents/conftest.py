"""The official schemas and examples, where they are at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SPEC = ROOT / os.environ.get("CDEVENTS_SPEC", "../shared/cdevents-spec")
REASON = f"the official schemas are not in {SPEC}; CDEVENTS_SPEC names another folder"
FILES = {
    "schema_file": ("schemas/*.json", "custom/schema.json"),
    "example_file": ("conformance/*.json", "custom/conformance.json"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, patterns in FILES.items():
        if name in metafunc.fixturenames:
            files = [path for pattern in patterns for path in sorted(SPEC.glob(f"v*/{pattern}"))]
            absent = pytest.param(None, id="absent", marks=pytest.mark.skip(reason=REASON))
            metafunc.parametrize(name, [_named(path) for path in files] or [absent])


def _named(path: Path) -> Any:
    release, _, name = path.relative_to(SPEC).with_suffix("").parts
    return pytest.param(path, id=f"{release}-{name}")


@pytest.fixture
def official(schema_file: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(schema_file.read_text())
    return schema


@pytest.fixture
def example(example_file: Path) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(example_file.read_text())
    return event
