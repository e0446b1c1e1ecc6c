"""Reading what tools send, beside what the transformers' examples show."""

from __future__ import annotations

from typing import Any

import pytest

from dora.errors import PermanentError
from dora.payloads import mark, named, repository_url, time, word


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-03-02T09:30:00Z", "2026-03-02T09:30:00Z"),
        ("2026-03-02T11:23:05.123+0200", "2026-03-02T09:23:05.123000Z"),
        ("2026-03-02 11:23:05 +0200", "2026-03-02T09:23:05Z"),
        ("2026-03-02 09:23:05 UTC", "2026-03-02T09:23:05Z"),
        (1772443665, "2026-03-02T09:27:45Z"),
        (1772443665123, "2026-03-02T09:27:45.123000Z"),
        ("1772443665124", "2026-03-02T09:27:45.124000Z"),
    ],
)
def test_a_time_of_any_tool_is_one_of_rfc_3339(told: Any, expected: str) -> None:
    assert time({"at": told}, "at") == expected


@pytest.mark.parametrize(
    "told", [None, "", "yesterday", "0001-01-01T00:00:00Z", True, [], -1, 10**30]
)
def test_what_is_no_time_is_refused_by_its_name(told: Any) -> None:
    with pytest.raises(PermanentError, match=r"expected build\.at to be a time, got "):
        time({"build": {"at": told}}, "build", "at")


@pytest.mark.parametrize(
    ("told", "expected"),
    [("a\nb", "a\nb"), (7, "7"), (True, None), (1.5, None), ("", None), (None, None), ([], None)],
)
def test_a_word_is_text_or_a_whole_number(told: Any, expected: str | None) -> None:
    assert word({"a": told}, "a") == expected


def test_of_several_parameters_the_first_that_has_a_text_counts() -> None:
    entries = [{"name": "a", "value": ["x"]}, {"name": "b", "value": "1\n"}, None, "c"]

    assert named(entries, "a", "b", "c") == "1"
    assert named(entries, "c") is None


def test_an_annotation_goes_before_a_label() -> None:
    metadata = {"labels": {"dora.dev/service": "a"}, "annotations": {"dora.dev/service": "b"}}

    assert mark({"metadata": metadata}, "service") == "b"
    assert mark({"metadata": {"labels": {"dora.dev/service": "a"}}}, "service") == "a"


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/shop",
        "https://github.com/acme/shop.git",
        "https://github.com/acme/shop/",
        "https://user:secret@github.com/acme/shop.git",
        "git@github.com:acme/shop.git",
        "ssh://git@github.com:22/acme/shop.git",
        "ssh://git@github.com/acme/shop",
    ],
)
def test_a_repository_has_one_address(address: str) -> None:
    assert repository_url(address) == "https://github.com/acme/shop"


@pytest.mark.parametrize("address", [None, "", "/"])
def test_no_address_is_no_repository(address: str | None) -> None:
    assert repository_url(address) is None
