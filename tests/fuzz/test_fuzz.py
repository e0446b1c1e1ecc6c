"""Whatever is sent to whichever function: no 5xx, memory flat, and no event of others is lost.

`python -m tests.fuzz` sends as many as one likes. What was answered as nothing before it is kept in
tests/data/fuzz/inputs.jsonl, and sent again here.
"""

from __future__ import annotations

import os
from collections.abc import Callable

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
