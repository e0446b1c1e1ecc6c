"""Numbers in words."""

from __future__ import annotations

import pytest

from dora.questions.words import duration_in_words, value_in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (45, "45 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (150, "2 min 30 s"),
        (3599.7, "1 h"),
        (7800, "2 h 10 min"),
        (86399, "1 d"),
        (86400 * 3 + 3600 * 4 + 1799, "3 d 4 h"),
        (86400 * 400, "400 d"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert duration_in_words(seconds) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "ratio", "–"),  # noqa: RUF001 - a dash
        (0.0, "ratio", "0 %"),
        (2 / 7, "ratio", "28.6 %"),
        (1.0, "ratio", "100 %"),
        (7800, "seconds", "2 h 10 min"),
        (12.34, "deployments a day", "12.3 a day"),
        (1 / 7, "deployments a day", "1 a week"),
        (0.5, "deployments a day", "3.5 a week"),
        (1 / 28, "deployments a day", "1.09 a month"),
        (0.001, "deployments a day", "0.365 a year"),
        (0.0, "deployments a day", "0 a year"),
    ],
)
def test_a_value_is_said_in_its_unit(value: float | None, unit: str, words: str) -> None:
    assert value_in_words(value, unit) == words
