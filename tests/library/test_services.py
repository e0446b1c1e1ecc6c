"""Services and environments that a tool knows by other names, or not at all."""

from __future__ import annotations

import pytest

from dora.errors import TemporaryError
from dora.settings import settings
from dora.tools.services import affected, environment, known_as

LINES = """
# PagerDuty's id, what it is, where it is
PSHOP01 = shop, production
Checkout (EU) = checkout
Ship to staging = , staging
"""
JSON = '{"PSHOP01": {"service": "shop", "environment": "production"}, "Checkout (EU)": {"service": "checkout"}, "Ship to staging": {"environment": "staging"}}'


@pytest.mark.parametrize("text", [LINES, JSON])
def test_services_are_told_in_lines_or_json(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SERVICES", text)

    assert known_as("PSHOP01") == ("shop", "production")
    assert known_as(None, "unknown", "Checkout (EU)") == ("checkout", None)
    assert known_as("Ship to staging") == (None, "staging")
    assert known_as("unknown") == (None, None)


@pytest.mark.parametrize("text", ["{", '{"a": 1', "PSHOP01", "PSHOP01 =", "a = ,"])
def test_services_that_cannot_be_read_are_worth_another_try(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("SERVICES", text)

    with pytest.raises(TemporaryError, match="the setting SERVICES cannot be read"):
        known_as("PSHOP01")


def test_what_services_says_goes_before_what_the_tool_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICES", "PSHOP01 = shop, live")

    assert affected("PSHOP01", service="Shop!", environment_id="default") == {
        "environment": {"id": "live"},
        "service": {"id": "shop"},
    }


def test_an_unknown_service_is_left_out() -> None:
    assert affected("x", service=None) == {"environment": {"id": "production"}}


def test_the_default_environment_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment(None) == {"id": "production"}
    monkeypatch.setenv("DEFAULT_ENVIRONMENT", "live")
    assert environment(None, None) == {"id": "live"}
    assert environment(None, "staging") == {"id": "staging"}


def test_a_list_in_a_setting_is_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings("NAMES", "a, b") == ["a", "b"]
    monkeypatch.setenv("NAMES", " c ,,d")
    assert settings("NAMES", "a, b") == ["c", "d"]
    monkeypatch.setenv("NAMES", "")
    assert settings("NAMES", "a, b") == []
