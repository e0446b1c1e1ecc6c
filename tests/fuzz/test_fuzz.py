"""Whatever is sent to whichever function: no 5xx, memory flat, and no event of others is lost.

`python -m tests.fuzz` sends as many as one likes. What was answered as nothing before it is kept in
tests/data/fuzz/inputs.jsonl, and sent again here.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from dora.questions.routes import ROUTES
from tests.fuzz.inputs import Input
from tests.fuzz.run import Fuzz, corpus

INPUTS = int(os.environ.get("DORA_TEST_INPUTS", "2000"))


def test_what_was_interesting_before_breaks_nothing(
    fuzz: Callable[[int, list[Input]], Fuzz],
) -> None:
    fuzzing = fuzz(1, corpus())

    fuzzing.replay()
    fuzzing.end_block()

    assert fuzzing.wrong == []


def test_whatever_comes_nothing_breaks_and_no_event_of_others_is_lost(
    fuzz: Callable[[int, list[Input]], Fuzz],
) -> None:
    fuzzing = fuzz(2, corpus())
    fuzzing.replay()
    fuzzing.end_block()  # plans are made and caches full: from here on memory is flat

    fuzzing.go_on(INPUTS)
    fuzzing.end_block()

    assert fuzzing.wrong == []
    assert fuzzing.answers[200] > INPUTS / 10
    assert fuzzing.answers[422] > INPUTS / 50


def test_ordinary_events_are_kept_after_however_many_inputs(
    fuzz: Callable[[int, list[Input]], Fuzz],
) -> None:
    fuzzing = fuzz(1, [])
    fuzzing.count = 999_900

    fuzzing.go_on(100)

    assert fuzzing.wrong == []


def test_what_a_function_raised_stands_beside_its_5xx(
    fuzz: Callable[[int, list[Input]], Fuzz], monkeypatch: pytest.MonkeyPatch
) -> None:
    fuzzing = fuzz(1, [])
    monkeypatch.setitem(ROUTES, "/services", None)

    fuzzing.send(Input("metrics-endpoint", "/services"))

    [wrong] = fuzzing.wrong
    assert wrong.startswith("500 ")
    assert "AttributeError: 'NoneType' object has no attribute 'ask'" in wrong
