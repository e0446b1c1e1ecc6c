"""Services and environments that a tool knows by other names, or not at all."""

from __future__ import annotations

import pytest

from dora.settings import settings
from dora.tools.services import affected, environment, service_names


def test_an_environment_that_nobody_says_is_only_assumed() -> None:
    assert environment(None, "") == (
        {"environment": {"id": "production"}},
        {"assumedEnvironment": True},
    )


def test_the_first_environment_that_is_reported_holds() -> None:
    assert environment(None, "staging", "qa") == ({"environment": {"id": "staging"}}, {})


def test_all_that_a_tool_calls_a_service_is_reported_in_its_order() -> None:
    assert affected("P1", "Shop", service="Shop", environment_id="eu") == (
        {"environment": {"id": "eu"}, "service": {"id": "Shop"}},
        {"serviceNames": ["P1", "Shop"]},
    )


def test_a_service_that_is_not_known_may_have_names() -> None:
    assert affected(None, "OPS", service=None) == (
        {"environment": {"id": "production"}},
        {"assumedEnvironment": True, "serviceNames": ["OPS"]},
    )


@pytest.mark.parametrize("names", [(), (None,), ("shop",), ("shop", None, "shop")])
def test_its_own_name_alone_is_not_repeated(names: tuple[str | None, ...]) -> None:
    assert service_names("shop", *names) == {}


def test_a_list_in_a_setting_is_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings("NAMES", "a, b") == ["a", "b"]
    monkeypatch.setenv("NAMES", " c ,,d")
    assert settings("NAMES", "a, b") == ["c", "d"]
    monkeypatch.setenv("NAMES", "")
    assert settings("NAMES", "a, b") == []
