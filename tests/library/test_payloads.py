"""Reading what tools send: times in every shape, and fields that are not what they should be."""

from __future__ import annotations

from typing import Any

import pytest

from dora.errors import PermanentError
from dora.tools import payloads


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-02T10:20:00Z",
        "2026-03-02t10:20:00z",
        "2026-03-02T11:20:00+01:00",
        "2026-03-02T10:20:00.000Z",
        "2026-03-02 11:20:00 +0100",
        "2026-03-02 10:20:00 UTC",
        "2026-03-02T10:20:00.000+0000",
        1772446800,
        "1772446800",
        1772446800000,
    ],
    ids=repr,
)
def test_a_moment_is_one_text_in_whatever_shape_it_comes(value: Any) -> None:
    assert payloads.time({"at": value}, "at") == "2026-03-02T10:20:00Z"


def test_a_fraction_of_a_second_is_kept() -> None:
    assert payloads.time({"at": "2026-03-02T10:20:00.5Z"}, "at") == "2026-03-02T10:20:00.500000Z"


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "yesterday",
        "2026-02-30T00:00:00Z",
        "2026-03-02T25:00:00Z",
        "2026-03-02T10:20:00",
        "2026-03-02",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-23:59",
        "2026-03-02T10:20:00Z\n",
        True,
        -1,
        1.5,
        10**40,
        "\u0662026-03-02T10:20:00Z",
        ["2026-03-02T10:20:00Z"],
    ],
    ids=repr,
)
def test_what_is_no_moment_is_none(value: Any) -> None:
    assert payloads.time_or_none({"at": value}, "at") is None
    with pytest.raises(PermanentError, match="expected at to be a time, got"):
        payloads.time({"at": value}, "at")


@pytest.mark.parametrize("value", [7, "7", "007"], ids=repr)
def test_a_number_may_come_as_text(value: Any) -> None:
    assert payloads.number({"n": value}, "n") == "7"


@pytest.mark.parametrize("value", [None, True, 1.0, -7, "", "7a", "\u0667", [7], 10**15], ids=repr)
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(PermanentError, match="expected n to be a number, got"):
        payloads.number({"n": value}, "n")


@pytest.mark.parametrize(
    "value", ["https://github.com/acme/shop", "https://github.com/acme/shop.git"]
)
def test_a_repositorys_url_is_one_text(value: str) -> None:
    assert payloads.url({"url": value}, "url") == "https://github.com/acme/shop"


@pytest.mark.parametrize(
    "value", [None, "", "shop", "ssh://a/b", "https://a/b c", "https://", ["x"]]
)
def test_what_is_no_url_is_refused(value: Any) -> None:
    with pytest.raises(PermanentError, match="expected url to be a URL, got"):
        payloads.url({"url": value}, "url")


@pytest.mark.parametrize("value", [None, "", 5, "a\0b", "a\nb", "\ud800", ["a"]], ids=repr)
def test_what_no_attribute_can_hold_is_no_text(value: Any) -> None:
    assert payloads.text_or_none({"name": value}, "name") is None
    with pytest.raises(PermanentError, match="expected name to be text, got"):
        payloads.text({"name": value}, "name")


@pytest.mark.parametrize("value", [None, "0" * 40, "main", "A" * 40, "a" * 39, 5], ids=repr)
def test_what_names_no_commit_is_none(value: Any) -> None:
    assert payloads.sha_or_none({"sha": value}, "sha") is None


@pytest.mark.parametrize("length", [40, 64])
def test_a_commit_has_a_full_name(length: int) -> None:
    assert payloads.sha({"sha": "a" * length}, "sha") == "a" * length


@pytest.mark.parametrize("value", [None, 5, "text", [1], {"a": None}, {"a": [1]}], ids=repr)
def test_a_path_through_anything_else_leads_nowhere(value: Any) -> None:
    assert payloads.get(value, "a", "b") is None
    assert payloads.listed(value, "a", "b") == []
    assert payloads.fields(value, "a", "b") == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a\nb", "a\nb"), (7, "7"), (True, None), (1.5, None), ("", None), (None, None), ([], None)],
)
def test_a_word_is_text_or_a_whole_number(value: Any, expected: str | None) -> None:
    assert payloads.word({"a": value}, "a") == expected


def test_of_several_parameters_the_first_that_has_a_text_counts() -> None:
    entries = [{"name": "a", "value": ["x"]}, {"name": "b", "value": "1\n"}, None, "c"]

    assert payloads.named(entries, "a", "b", "c") == "1"
    assert payloads.named(entries, "c") is None


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
    assert payloads.repository_url(address) == "https://github.com/acme/shop"


@pytest.mark.parametrize("address", [None, "", "/"])
def test_no_address_is_no_repository(address: str | None) -> None:
    assert payloads.repository_url(address) is None
