"""Inputs by chance: `python -m tests.fuzz [--seed SEED] [--inputs COUNT] [--minutes MINUTES] [--accept]`.

Sends them to every function, in this process, with a PostgreSQL of its own; says what broke, how often
what was answered, and how the memory is. With --accept what was answered as nothing before is kept in
tests/data/fuzz/inputs.jsonl, where tests send it again.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.postgresql import Postgresql
from local.processes import free_port
from tests import connections
from tests.conftest import FAST, TEMPLATE, Database, FunctionClient
from tests.functions.test_webhooks_endpoint import SECRET, SOURCES, variable_of
from tests.fuzz.run import BLOCK, CORPUS, MEGABYTE, Fuzz, corpus
from tests.sink import listening

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> int:
    """Send the inputs that the command line asks for; return 1 where something broke."""
    asked = _arguments()
    logging.disable(logging.WARNING)
    begun = time.monotonic()
    with _fuzz(asked.seed) as fuzz:
        fuzz.replay()
        while fuzz.count < asked.inputs and (time.monotonic() - begun) / 60 < asked.minutes:
            before = len(fuzz.wrong)
            fuzz.go_on(min(BLOCK, asked.inputs - fuzz.count))
            _say(_progress(fuzz, begun), *fuzz.wrong[before:], sep="\n")
        fuzz.end_block()
        _say(f"{fuzz.count:,} inputs,", "nothing broke" if not fuzz.wrong else "broken:")
        _say(*fuzz.wrong, sep="\n")
        if asked.accept:
            with CORPUS.open("a") as file:
                file.writelines(f"{each.to_json()}\n" for each in fuzz.found)
    return 1 if fuzz.wrong else 0


def _progress(fuzz: Fuzz, begun: float) -> str:
    seconds = time.monotonic() - begun
    answers = ", ".join(f"{count:,} x {status}" for status, count in sorted(fuzz.answers.items()))
    memory = fuzz.memory.memory_info().rss // MEGABYTE
    return (
        f"{fuzz.count:,} inputs in {seconds:,.0f} s, {memory} MB, {len(fuzz.seen)} kinds: {answers}"
    )


@contextmanager
def _fuzz(seed: int) -> Iterator[Fuzz]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dora-fuzz-"))
        Path(folder).chmod(0o755)
        server = Postgresql(Path(folder) / "server", free_port(), FAST)
        server.start()
        stack.callback(server.stop)
        server.install(TEMPLATE)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for source in SOURCES:
            patch.setenv(variable_of(source), SECRET)
        database = Database(server)
        stack.callback(database.drop)
        database.use(patch)
        stack.enter_context(connections.kept())
        sink = stack.enter_context(listening(patch))
        yield Fuzz(cache(FunctionClient), database, sink, seed, corpus())


def _say(*words: object, sep: str = " ") -> None:
    print(*words, sep=sep, flush=True)  # noqa: T201 - for the person who waits


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="send none after so many minutes"
    )
    parser.add_argument("--accept", action="store_true", help="keep what is interesting")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
