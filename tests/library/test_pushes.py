"""Pushes that an API lists: what is missing between them, and from where a new branch began."""

from __future__ import annotations

import pytest

from dora.backfill.pushes import Push, base, with_missing


def push(span: str, hour: int, branch: str = "main") -> Push:
    """Make a push from one commit to another, such as a-b; -b is of a new branch."""
    before, _, after = span.partition("-")
    return Push(branch, before or None, after, f"2026-01-05T{hour:02}:00:00Z")


def spans(pushes: list[Push]) -> list[str]:
    return [f"{one.before}-{one.after}" for one in with_missing(pushes)]


def test_pushes_that_join_miss_nothing() -> None:
    assert spans([push("b-c", 2), push("a-b", 1)]) == ["b-c", "a-b"]


def test_what_is_missing_lies_between_two_pushes_of_a_branch() -> None:
    found = list(with_missing([push("c-d", 3), push("a-b", 1)]))

    assert [(one.before, one.after, one.is_missing) for one in found] == [
        ("c", "d", False),
        ("b", "c", True),
        ("a", "b", False),
    ]
    assert found[1].when == found[0].when


def test_pushes_of_two_branches_need_not_join() -> None:
    assert spans([push("x-y", 3, "release/1"), push("a-b", 1)]) == ["x-y", "a-b"]


def test_a_branch_that_is_made_anew_misses_nothing() -> None:
    pushes = [push("-d", 3, "release/1"), push("a-b", 1, "release/1")]

    assert spans(pushes) == ["None-d", "a-b"]


@pytest.mark.parametrize(("hour", "begin"), [(0, "a"), (1, "b"), (2, "b"), (3, "c"), (9, "c")])
def test_a_new_branch_began_where_the_default_one_was(hour: int, begin: str) -> None:
    pushes = [push("x-y", 4, "release/0"), push("b-c", 3), push("a-b", 1)]

    assert base(push("-z", hour, "hotfix/1"), pushes, "main") == begin


def test_a_new_branch_of_which_nothing_else_is_known_began_at_the_default_one() -> None:
    assert base(push("-z", 1, "hotfix/1"), [], "main") == "main"


def test_any_other_push_began_where_it_says() -> None:
    assert base(push("k-l", 1), [push("a-b", 1)], "main") == "k"
