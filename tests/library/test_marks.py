"""What Kubernetes objects say of themselves."""

from __future__ import annotations

from typing import Any

import pytest

from dora.tools.marks import is_ignored, mark, team

TEMPLATE = {"spec": {"template": {"metadata": {"annotations": {"dora.dev/service": "a"}}}}}
ANNOTATED = {"annotations": {"dora.dev/service": "b"}}
LABELLED = {"labels": {"dora.dev/service": "c"}}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"metadata": ANNOTATED | LABELLED} | TEMPLATE, "a"),
        ({"metadata": ANNOTATED | LABELLED}, "b"),
        ({"metadata": LABELLED}, "c"),
        ({"metadata": {"annotations": {"dora.dev/service": ""}} | LABELLED}, "c"),
        ({"metadata": {"annotations": {"dora.dev/service": "x\ny"}} | LABELLED}, "c"),
        ({"metadata": {"annotations": {"service": "x"}}}, None),
        ({"metadata": None, "spec": "x"}, None),
        (None, None),
    ],
)
def test_the_pod_template_goes_before_an_annotation_and_that_before_a_label(
    resource: Any, expected: str | None
) -> None:
    assert mark(resource, "service") == expected


def test_a_team_is_a_mark_else_what_the_application_is_part_of() -> None:
    part = {"app.kubernetes.io/part-of": "storefront"}

    assert team({"metadata": {"labels": part}}) == "storefront"
    assert team({"metadata": {"labels": part | {"dora.dev/team": "checkout"}}}) == "checkout"
    assert team({}) is None


@pytest.mark.parametrize(("said", "ignored"), [("true", True), ("false", False), ("yes", False)])
@pytest.mark.parametrize("place", ["annotations", "labels"])
def test_only_true_ignores_an_object(place: str, said: str, ignored: bool) -> None:  # noqa: FBT001
    assert is_ignored({"metadata": {place: {"dora.dev/ignore": said}}}) is ignored
