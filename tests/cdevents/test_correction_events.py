"""The custom CDEvent by which a person corrects: built, and let through or refused."""

from __future__ import annotations

from typing import Any

import pytest

from dora.cdevents.corrections import correction
from dora.cdevents.schemas import problem
from dora.errors import PermanentError

TYPE = "dev.cdeventsx.dora-correction.created.0.1.0"
BY = {"by": "ada", "because": "a false alarm"}
D1 = {"deployment": {"id": "d1", "source": "/ci"}}
NOON = "2026-01-05T12:00:00Z"


def event(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "context": {
            "specversion": "0.5.1",
            "id": "1",
            "source": "/people",
            "type": TYPE,
            "timestamp": NOON,
        },
        "subject": {"id": "d1", "content": content},
    }


@pytest.mark.parametrize(
    "said",
    [
        {"counts": False, "failed": False, "unplanned": True},
        {"commit": "c0ffee1", "repository": "https://github.com/acme/shop", "service": "shop"},
        {"counts": None, "failed": None, "unplanned": None},
        {"commit": None, "repository": None, "service": None},
    ],
)
@pytest.mark.parametrize(
    "corrected", [D1, {"incident": {"id": "i1", "source": "/pager"}}, {"deployment": {"id": "d1"}}]
)
def test_a_correction_may_say_any_part_and_take_it_back(
    corrected: dict[str, Any], said: dict[str, Any]
) -> None:
    assert problem(event(corrected | said | BY)) is None


EXACTLY_ONE = "subject.content: expected an object with exactly one of deployment and incident"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"failed": False, **BY}, f"{EXACTLY_ONE}, got an object"),
        ({**D1, "incident": {"id": "i1"}, **BY}, f"{EXACTLY_ONE}, got an object"),
        ({**D1, "because": "x"}, f"subject.content.by is required in {TYPE}"),
        ({**D1, "by": "ada"}, f"subject.content.because is required in {TYPE}"),
        (
            {**D1, "failed": "no", **BY},
            "subject.content.failed: expected true or false or null, got 'no'",
        ),
        (
            {**D1, "commit": "", **BY},
            "subject.content.commit: expected a string that is not empty or null, got ''",
        ),
        ({**D1, "fails": True, **BY}, "subject.content has the unexpected field 'fails'"),
        ({"deployment": {}, **BY}, f"subject.content.deployment.id is required in {TYPE}"),
        ({"deployment": "d1", **BY}, "subject.content.deployment: expected an object, got 'd1'"),
    ],
)
def test_what_is_no_correction_is_refused(content: dict[str, Any], sentence: str) -> None:
    assert problem(event(content)) == sentence


def test_the_event_of_a_correction_is_about_what_it_corrects() -> None:
    made = correction(D1 | {"failed": False} | BY, NOON)

    assert (made["type"], made["source"], made["subject"]) == (TYPE, "/corrections", "d1")
    assert made["time"] == NOON
    assert made.data["subject"]["content"] == D1 | {"failed": False} | BY


def test_said_again_at_the_same_time_it_is_the_same_event_and_later_it_is_another() -> None:
    first, again, later, other = (
        correction(D1 | {"failed": failed} | BY, time)["id"]
        for time, failed in [
            (NOON, False),
            (NOON, False),
            ("2026-01-05T13:00:00Z", False),
            (NOON, True),
        ]
    )

    assert first == again
    assert len({first, later, other}) == 3


def test_a_correction_without_a_time_is_said_now() -> None:
    said = [correction(D1 | {"failed": False} | BY) for _ in range(2)]

    assert said[0]["time"] < said[1]["time"]
    assert said[0]["id"] != said[1]["id"]


@pytest.mark.parametrize(
    ("content", "time", "sentence"),
    [
        (D1 | BY, NOON, "expected a correction to say one of counts, failed, unplanned, "),
        ({"counts": False, **BY}, NOON, EXACTLY_ONE),
        (D1 | {"counts": False}, NOON, "subject.content.by is required"),
        (D1 | {"counts": False} | BY, 5, "context.timestamp: expected a date-time, got 5"),
        (D1 | {"counts": False} | BY, "noon", "context.timestamp: expected a date-time, got"),
    ],
)
def test_a_correction_that_is_none_is_refused_with_a_sentence(
    content: dict[str, Any], time: Any, sentence: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        correction(content, time)
    assert sentence in str(refused.value)
