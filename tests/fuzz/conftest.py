"""A fuzzer with a database of its own, every secret set, and a sink that takes everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dora import sink as dora_sink
from tests import connections
from tests.conftest import Database, Functions
from tests.functions.test_webhooks_endpoint import SECRET, SOURCES, variable_of
from tests.fuzz.inputs import Input
from tests.fuzz.run import Fuzz
from tests.sink import Sink, sink

__all__ = ["sink"]


@pytest.fixture
def fuzz(
    database: Database, function: Functions, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int, list[Input]], Fuzz]]:
    """Return a fuzzer of a seed that knows these inputs."""
    for source in SOURCES:
        monkeypatch.setenv(variable_of(source), SECRET)
    with connections.kept():
        yield lambda seed, known: Fuzz(function, database, sink, seed, known)
    dora_sink.close()
