"""What docs/reliability.md says of limits is what the code has, and the tests that it names are there."""

from __future__ import annotations

import re
from pathlib import Path

from dora import clients, limits
from dora.cdevents.limits import AHEAD, EARLIEST, LONGEST, MOST
from dora.questions.buckets import MAX_BUCKETS, MAX_ROWS, MAX_SERVICES, MAX_VALUES

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "reliability.md").read_text()
LIMITS = re.findall(r"^\| (.+?) \| (\d+)(?: bytes| day|) \|$", PAGE, re.MULTILINE)


def test_each_limit_at_the_gate_is_on_the_page() -> None:
    said = [int(limit) for _, limit in LIMITS]

    lengths = [
        limits.NAME_BYTES,
        limits.ENVIRONMENT_BYTES,
        limits.ARTIFACT_BYTES,
        limits.UID_BYTES,
        limits.FINGERPRINT_BYTES,
        limits.ATTRIBUTE_BYTES,
    ]
    counts = [
        MOST["context.links"],
        MOST["customData.dora.commits"],
        MOST["customData.dora.images"],
        MOST["customData.dora.serviceNames"],
    ]
    assert said == [*lengths, *counts, AHEAD.days]
    assert {*LONGEST.values()} <= {*said}
    assert f"of the year {EARLIEST.year} or later" in PAGE


def test_the_limits_of_questions_and_clients_are_on_the_page() -> None:
    for number in (MAX_BUCKETS, MAX_VALUES, MAX_SERVICES, limits.FEW_VALUES):
        assert f"{number:,}" in PAGE
    assert MAX_ROWS == MAX_VALUES
    assert f"more than {clients.MOST_WAITING} requests wait" in PAGE
    silent = (clients.BEGIN_SECONDS, clients.SEND_SECONDS, clients.READ_SECONDS)
    assert "dropped after {}, {} and {} seconds".format(*silent) in PAGE


def test_the_tests_that_the_page_names_are_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))

    assert len(named) >= 5
    assert [name for name in sorted(named) if not (REPOSITORY / name).is_file()] == []
