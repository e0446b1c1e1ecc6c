"""What persons say otherwise: rule 18 of docs/metrics.md.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from dora.cdevents.corrections import correction
from tests.conftest import Database
from tests.metrics.conftest import Answers, Report
from tests.metrics.happenings import DAY, Event, deployed, incident, merged, removed, time_of

FREQUENCY, LEAD_TIME = "deployment-frequency", "lead-time-for-changes"
FAILURES, RECOVERY = "change-failure-rate", "failed-deployment-recovery-time"
REWORK = "deployment-rework-rate"
V1, V2, V3 = (f"pkg:oci/shop?tag={number}" for number in (1, 2, 3))
PARTS = ("counts", "failed", "unplanned", "commit", "repository", "service")


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def said(minute: float, id: str, kind: str = "deployment", **parts: Any) -> Event:  # noqa: A002
    """Make what ada says of a deployment, or of an incident, at a minute."""
    corrected = {"id": id} | ({"source": parts.pop("source")} if "source" in parts else {})
    content = {kind: corrected, "by": "ada", "because": "it was a test", **parts}
    event: Event = correction(content, time_of(minute)).data
    return event


def shown(answers: Answers, name: str = "deployments") -> dict[str, Any]:
    """Return what is shown as said of each row of a list."""
    return {
        row_id: correction
        and {part: correction[part] for part in correction if correction[part] is not None}
        for row_id, correction in answers.rows(name, "id", "correction")
    }


def numbers(answers: Answers) -> dict[str, Any]:
    """Return what the metrics say of failures and rework."""
    failures, recovery = answers.metric(FAILURES), answers.metric(RECOVERY)
    assert failures["failed"] == recovery["count"] + recovery["open"]
    assert failures["failed"] == len(answers.ids("is_failed"))
    return {
        "deployments": answers.metric(FREQUENCY)["count"],
        "failed": failures["failed"],
        "of": failures["count"],
        "open": recovery["open"],
        "rework": answers.metric(REWORK)["rework"],
    }


FAILED = [
    deployed("d1", 1, artifact=V1),
    deployed("d2", 2, artifact=V2),
    incident("detected", 3),
    deployed("d3", 4, artifact=V3),
]
AS_TOLD = {"deployments": 3, "failed": 1, "of": 3, "open": 1, "rework": 1}


@pytest.mark.parametrize(
    ("correction", "changes"),
    [
        (said(9, "d2", failed=False), {"failed": 0, "open": 0}),
        (said(9, "d1", failed=True), {"failed": 2, "open": 2}),
        (said(9, "d1", unplanned=True), {"rework": 2}),
        (said(9, "d2", counts=False), {"deployments": 2, "failed": 0, "of": 2, "open": 0}),
        (said(9, "d3", counts=False), {"deployments": 2, "of": 2, "rework": 0}),
        (said(9, "1", "incident", counts=False), {"failed": 0, "open": 0, "rework": 0}),
        (said(9, "1", "incident", failed=False), {"failed": 0, "open": 0}),
        (said(9, "1", "incident", service="nobody"), {"failed": 0, "open": 0, "rework": 0}),
        (said(9, "d2", service="nobody"), {"failed": 1, "open": 1}),
        (said(9, "d2", failed=False, source="/another"), {}),
        (said(9, "1", failed=False), {}),
        (said(9, "unknown", failed=True), {}),
    ],
)
def test_a_correction_changes_what_it_says_and_null_takes_it_back(
    report: Report, correction: Event, changes: dict[str, int]
) -> None:
    assert numbers(report(*FAILED)) == AS_TOLD
    assert numbers(report(correction)) == AS_TOLD | changes

    content = correction["subject"]["content"]
    parts = {part: None for part in PARTS if part in content}
    kind = "deployment" if "deployment" in content else "incident"

    assert numbers(report(said(10, content[kind]["id"], kind, **parts))) == AS_TOLD


def test_a_deployment_said_to_have_failed_is_recovered_like_any_other(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        said(9, "d1", failed=True),
        said(9, "d2", failed=True),
        deployed("back", 12, artifact=V1),
    )

    group = answers.metric(RECOVERY)
    assert (group["value"], group["count"], group["open"]) == (600, 1, 1)


def test_said_of_a_rollback_failed_says_nothing(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        deployed("back", 3, artifact=V1),
        said(9, "back", failed=True),
    )

    assert answers.ids("is_failed") == ["d2"]


def test_what_does_not_count_is_in_no_number_and_moves_nothing(report: Report) -> None:
    answers = report(
        merged("c1", 1, "c1"),
        merged("c2", 2, "c2"),
        deployed("d1", 10, artifact=V1, commit="c1"),
        deployed("d2", 20, artifact=V2, commit="c2"),
        incident("detected", 21),
        deployed("back", 30, artifact=V1, commit="c1"),
        said(40, "d2", counts=False),
    )

    assert numbers(answers) == {"deployments": 2, "failed": 0, "of": 1, "open": 0, "rework": 1}
    assert answers.metric(LEAD_TIME)["count"] == 1
    assert answers.rows("incidents", "deployment") == [("d2",)]


@pytest.mark.parametrize("marks", [True, False])
def test_what_does_not_count_is_evidence_of_what_it_was(report: Report, marks: bool) -> None:  # noqa: FBT001
    answers = report(
        deployed("d1", 1, unplanned=not marks),
        deployed("d2", 2, artifact=V2),
        said(9, "d1", unplanned=marks, counts=False),
    )

    group = answers.metric(REWORK)
    expected = (0, 1, ["unplanned"]) if marks else (None, 1, None)
    assert (group["value"], group["count"], group["basis"]) == expected


def test_an_incident_of_a_deployment_that_does_not_count_counts_by_itself(report: Report) -> None:
    answers = report(
        deployed("d1", 1),
        incident("detected", 2),
        incident("resolved", 5),
        said(9, "d1", counts=False),
    )

    group = answers.metric(RECOVERY)
    assert (group["time_to_restore"], group["count"], group["open"]) == (180, 0, 0)
    assert answers.rows("incidents", "deployment", only="counted") == [("d1",)]


def test_an_incident_that_does_not_count_belongs_to_nothing_and_says_why(report: Report) -> None:
    answers = report(*FAILED, said(9, "1", "incident", counts=False))

    assert answers.rows("incidents", "deployment", "why", "counts") == [
        (None, "a correction says that it does not count", False)
    ]
    assert answers.metric(RECOVERY)["open_incidents"] == 0


WORDS = [
    said(9, "d2", failed=True, because="first"),
    said(10, "d2", failed=False, because="second"),
    said(11, "d2", unplanned=True, because="third"),
    said(12, "d2", unplanned=None, because="fourth"),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 1, 3, 0), (1, 3, 0, 2)])
def test_of_each_part_the_latest_word_holds_in_whichever_order_it_comes(
    report: Report, order: tuple[int, ...]
) -> None:
    report(*FAILED[::-1])
    for place in order:
        answers = report(WORDS[place])

    assert numbers(answers) == AS_TOLD | {"failed": 0, "open": 0}
    word = {"failed": False, "by": "ada", "because": "second", "at": time_of(10)}
    assert shown(answers)["d2"] == word


def test_a_correction_may_come_before_what_it_corrects(report: Report) -> None:
    report(said(9, "d2", failed=False), said(9, "1", "incident", failed=False))

    answers = report(*FAILED)

    assert numbers(answers) == AS_TOLD | {"failed": 0, "open": 0}
    assert shown(answers)["d2"]["because"] == "it was a test"
    assert shown(answers, "incidents")["1"]["by"] == "ada"


# What is no incident: merged into another, only its end, what goes on; and what makes it one.
MERGED = incident("detected", 5, id="same", mergedInto="9")
NO_INCIDENTS = {
    "merged": ([incident("detected", 4), MERGED], incident("detected", 4, id="same")),
    "only its end": ([incident("resolved", 5)], incident("detected", 4)),
    "goes on": (
        [
            incident("detected", 4, subject="0", alert="a"),
            incident("detected", 6, alert="a"),
        ],
        incident("resolved", 5, subject="0", alert="a"),
    ),
}
NONE_IN_ANY_ORDER = [
    pytest.param([*order], becomes, id=f"{name}-{number}")
    for name, (events, becomes) in NO_INCIDENTS.items()
    for number, order in enumerate(
        permutations([*events, said(9, "1", "incident", service="cart")])
    )
]


@pytest.mark.parametrize(("events", "becomes"), NONE_IN_ANY_ORDER)
def test_a_correction_of_what_is_no_incident_says_nothing_until_it_is_one(
    report: Report, events: list[Event], becomes: Event
) -> None:
    for event in (deployed("d1", 1), *events):
        answers = report(event)

    group = answers.metric(FAILURES, service="cart")
    assert (group["basis"], group["covered_from"]) == (None, None)
    assert "1" not in shown(answers, "incidents")

    incidents = report(becomes)

    group = incidents.metric(FAILURES, service="cart")
    assert group["basis"] == ["incidents", "rollbacks"]
    assert group["covered_from"] is not None
    assert shown(incidents, "incidents")["1"]["service"] == "cart"


@pytest.mark.parametrize(
    ("event", "is_named"),
    [
        (removed("r1", 5), False),
        (deployed("r1", 5, artifact="pkg:oci/shop?tag=d1"), True),
    ],
    ids=["a removal", "a restart"],
)
def test_a_removal_names_no_other_service_by_a_correction(
    report: Report,
    event: Event,
    is_named: bool,  # noqa: FBT001
) -> None:
    answers = report(deployed("d1", 1), event, said(9, "r1", service="cart"))

    group = answers.metric(FREQUENCY, service="cart")
    assert (group["covered_from"] is not None) is is_named


def test_lists_show_who_says_so_and_why_and_nothing_once_it_is_taken_back(report: Report) -> None:
    answers = report(*FAILED, said(9, "d3", counts=False), said(9, "1", "incident", counts=False))

    word = {"counts": False, "by": "ada", "because": "it was a test", "at": time_of(9)}
    assert shown(answers) == {"d1": None, "d2": None, "d3": word}
    assert shown(answers, "incidents") == {"1": word}
    assert answers.rows("deployments", "id", "counts") == [
        ("d1", True),
        ("d2", True),
        ("d3", False),
    ]

    taken_back = report(said(10, "d3", counts=None), said(10, "1", "incident", counts=None))

    assert set(shown(taken_back).values()) == {None}
    assert shown(taken_back, "incidents") == {"1": None}


@pytest.mark.parametrize("corrected", ["a2", "b2"])
def test_any_rollout_of_a_deployment_stands_for_it_even_if_an_earlier_one_comes_late(
    report: Report, corrected: str
) -> None:
    report(
        deployed("a1", 1, uid="a", artifact=V1),
        deployed("b1", 1, uid="b", artifact=V1),
        deployed("a2", 5, uid="a", artifact=V2),
        deployed("b2", 6, uid="b", artifact=V2),
        incident("detected", 7),
        said(9, corrected, failed=False),
    )

    answers = report(
        deployed("c1", 1, uid="c", artifact=V1), deployed("c2", 4, uid="c", artifact=V2)
    )

    assert [row_id for row_id, word in shown(answers).items() if word] == ["c2"]
    assert numbers(answers)["failed"] == 0


def test_a_deployment_of_another_service_moves_there_with_what_it_shipped(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        incident("detected", 3),
        incident("detected", 3, subject="2", service="cart"),
        said(9, "d2", service="cart"),
    )

    assert answers.rows("deployments", "id", "service") == [("d1", "shop"), ("d2", "cart")]
    assert answers.rows("incidents", "id", "deployment") == [("1", "d1"), ("2", "d2")]
    back = report(said(10, "d2", service=None))
    assert back.rows("incidents", "id", "deployment") == [("1", "d2"), ("2", None)]


def test_what_was_deployed_is_what_a_correction_says(report: Report) -> None:
    report(merged("c1", 1, ("c1", 0)), merged("c2", 2, ("c2", 0)))
    wrong = report(deployed("d1", 10, commit="unknown", repository="acme/shop"))
    assert wrong.metric(LEAD_TIME)["count"] == 0

    right = report(said(20, "d1", commit="c1", repository="acme/shop"))

    assert right.metric(LEAD_TIME)["count"] == 1
    assert report(said(21, "d1", commit=None)).metric(LEAD_TIME)["unlinked"] == 1


def test_a_custom_event_of_another_version_corrects_nothing(report: Report) -> None:
    event = said(9, "d2", failed=False)
    event["context"]["type"] = "dev.cdeventsx.dora-correction.created.9.0.0"

    assert numbers(report(*FAILED, event)) == AS_TOLD


def test_a_day_of_many_incidents_is_corrected_one_by_one(report: Report) -> None:
    incidents = [incident("detected", 3, subject=str(number)) for number in range(5)]
    report(deployed("d1", 1, artifact=V1), *incidents, deployed("d2", DAY, artifact=V2))

    left = [
        numbers(report(said(DAY, str(number), "incident", counts=False)))["failed"]
        for number in range(5)
    ]

    assert left == [1, 1, 1, 1, 0]
