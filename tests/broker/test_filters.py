from __future__ import annotations

import re
from typing import Any

import pytest

from local.filters import trigger_filter

PING = {"type": "dev.ping", "source": "/a", "stage": "prod"}


@pytest.mark.parametrize(
    ("spec", "matches"),
    [
        ({}, True),
        ({"filters": []}, True),
        ({"filter": {"attributes": {}}}, True),
        ({"filter": {"attributes": {"type": "dev.ping", "stage": "prod"}}}, True),
        ({"filter": {"attributes": {"type": "dev.ping", "stage": "test"}}}, False),
        ({"filter": {"attributes": {"stage": ""}}}, True),
        ({"filter": {"attributes": {"other": ""}}}, False),
        ({"filters": [{"exact": {"type": "dev.ping"}}]}, True),
        ({"filters": [{"exact": {"type": "dev.pin"}}]}, False),
        ({"filters": [{"exact": {"type": "dev.ping", "stage": "test"}}]}, False),
        ({"filters": [{"prefix": {"type": "dev.", "source": "/"}}]}, True),
        ({"filters": [{"prefix": {"type": "ping"}}]}, False),
        ({"filters": [{"suffix": {"type": ".ping"}}]}, True),
        ({"filters": [{"suffix": {"type": "dev."}}]}, False),
        ({"filters": [{"exact": {"type": "dev.ping"}}, {"exact": {"stage": "test"}}]}, False),
        (
            {"filters": [{"all": [{"prefix": {"type": "dev"}}, {"exact": {"stage": "test"}}]}]},
            False,
        ),
        ({"filters": [{"any": [{"prefix": {"type": "x"}}, {"exact": {"stage": "prod"}}]}]}, True),
        ({"filters": [{"any": [{"prefix": {"type": "x"}}, {"exact": {"stage": "test"}}]}]}, False),
        ({"filters": [{"not": {"exact": {"stage": "prod"}}}]}, False),
        ({"filters": [{"not": {"not": {"exact": {"stage": "prod"}}}}]}, True),
    ],
)
def test_a_filter_decides_by_attributes(spec: dict[str, Any], matches: bool) -> None:  # noqa: FBT001 - the expected result
    assert trigger_filter(spec)(PING) is matches


@pytest.mark.parametrize("dialect", ["exact", "prefix", "suffix"])
def test_a_missing_attribute_never_matches_so_its_negation_does(dialect: str) -> None:
    content = {dialect: {"recorded": "true"}}

    assert not trigger_filter({"filters": [content]})(PING)
    assert trigger_filter({"filters": [{"not": content}]})(PING)


def test_filters_win_over_filter() -> None:
    spec = {"filter": {"attributes": {"type": "x"}}, "filters": [{"exact": {"type": "dev.ping"}}]}

    assert trigger_filter(spec)(PING)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"filters": [{"cesql": "type = 'x'"}]}, "spec.filters[0] has the dialect 'cesql'; known"),
        ({"filters": {"exact": {"type": "x"}}}, "spec.filters must be a list of filters"),
        ({"filters": [{}]}, "spec.filters[0] must be one dialect"),
        ({"filters": [{"not": [{"exact": {}}]}]}, "spec.filters[0].not must be one dialect"),
        ({"filters": [{"any": []}]}, "spec.filters[0].any must be a list of filters"),
        ({"filters": [{"exact": {}}]}, "spec.filters[0].exact must map attributes to values"),
        ({"filters": [{"exact": {"recorded": True}}]}, "spec.filters[0].exact.recorded is True"),
        ({"filters": [{"prefix": {"type": ""}}]}, "spec.filters[0].prefix.type is ''"),
        ({"filters": [{"exact": {"Type": "x"}}]}, "spec.filters[0].exact has 'Type'"),
        ({"filter": {"type": "x"}}, "spec.filter must hold attributes"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_field(spec: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        trigger_filter(spec)
