"""What GitHub's and GitLab's transformers do beside the golden files: both ways in, two at once."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dora import sink
from local.filters import trigger_filter
from tests.broker.stand import Answer, Subscriber
from tests.conftest import FUNCTIONS, Functions, load
from tests.events import as_a_githubsource_tells, example

REPOSITORY = Path(__file__).parents[2]
BOTH = pytest.mark.parametrize("name", ["github-transformer", "gitlab-transformer"])


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Subscriber]:
    """A sink that takes everything."""
    subscriber = Subscriber(Answer(202))
    monkeypatch.setenv("K_SINK", subscriber.url)
    yield subscriber
    sink.close()
    subscriber.close()


def emitted(function: Functions, name: str, event: dict[str, Any]) -> dict[str, Any]:
    answer = function(name).post(event)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = json.loads(answer.data)["data"]
    return data


def closed_when_labeled(name: str) -> dict[str, Any]:
    """Return the event of a closed issue that gets the incident's label."""
    event = example(name, "29" if name == "github-transformer" else "32")
    issue = event["data"].get("issue") or event["data"]["object_attributes"]
    issue |= {"state": "closed", "closed_at": "2026-03-02T10:45:00Z"}
    return event


@BOTH
def test_a_closed_issue_that_becomes_an_incident_is_detected_and_resolved(
    function: Functions, broker: Subscriber, name: str
) -> None:
    answer = function(name).post(closed_when_labeled(name))

    detected, resolved = (json.loads(body) for body in broker.bodies)
    assert answer.status_code == 204
    assert detected["type"] == "dev.cdevents.incident.detected.0.3.0"
    assert resolved["type"] == "dev.cdevents.incident.resolved.0.3.0"
    assert (detected["time"], resolved["time"]) == ("2026-03-02T10:30:00Z", "2026-03-02T10:45:00Z")
    assert detected["subject"] == resolved["subject"]


@BOTH
def test_when_the_broker_is_away_the_event_is_worth_another_try(
    function: Functions, monkeypatch: pytest.MonkeyPatch, nobody: str, name: str
) -> None:
    monkeypatch.setenv("K_SINK", nobody)

    assert function(name).post(closed_when_labeled(name)).status_code == 503


@BOTH
def test_sent_again_after_half_of_them_the_ids_are_the_same(
    function: Functions, broker: Subscriber, name: str
) -> None:
    for _ in range(2):
        function(name).post(closed_when_labeled(name))

    ids = [json.loads(body)["id"] for body in broker.bodies]
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]


@BOTH
def test_its_trigger_takes_the_events_that_it_knows_and_no_others(name: str) -> None:
    spec = yaml.safe_load((REPOSITORY / "triggers" / f"{name}.yaml").read_text())["spec"]
    takes, module = trigger_filter(spec), load(FUNCTIONS[name].folder)

    assert all(takes({"type": module.TYPES + kind}) for kind in module.EVENTS)
    for kind in ("star", "note", "pushed", "", "push.extra"):
        assert not takes({"type": module.TYPES + kind})
    assert len(spec["filters"][0]["any"]) == len(module.EVENTS)


@pytest.mark.parametrize("number", ["01", "13", "14", "21", "25", "28", "31", "32"])
def test_both_ways_in_give_the_same_cdevent(function: Functions, number: str) -> None:
    event = example("github-transformer", number)

    by_webhook = emitted(function, "github-transformer", event)
    by_source = emitted(function, "github-transformer", as_a_githubsource_tells(event))

    assert by_webhook == by_source


def test_a_squashed_pull_request_and_its_push_name_the_same_commit(function: Functions) -> None:
    push = emitted(function, "github-transformer", example("github-transformer", "02"))
    pull = emitted(function, "github-transformer", example("github-transformer", "14"))

    [pushed], [merged] = (one["customData"]["dora"]["commits"] for one in (push, pull))
    assert pushed["sha"] == merged["sha"] == push["subject"]["id"]
    assert "committedAt" not in merged
    assert push["subject"]["content"] == pull["subject"]["content"]
    assert push["context"]["id"] != pull["context"]["id"]


def test_a_pull_request_whose_commits_were_pushed_as_they_are_keeps_their_clock(
    function: Functions,
) -> None:
    event = example("github-transformer", "15")
    pull = event["data"]["pull_request"]
    pull["merge_commit_sha"] = pull["head"]["sha"]

    told = emitted(function, "github-transformer", event)["customData"]["dora"]

    assert told["commits"] == [{"sha": told["head"]}]
    assert "openedAt" not in told


def test_a_merge_commits_push_has_the_head_of_what_it_merged(function: Functions) -> None:
    push = emitted(function, "github-transformer", example("github-transformer", "03"))
    pull = emitted(function, "github-transformer", example("github-transformer", "15"))

    pushed = [commit["sha"] for commit in push["customData"]["dora"]["commits"]]
    assert pull["customData"]["dora"]["head"] in pushed
    assert pull["customData"]["dora"]["commits"] == [{"sha": pushed[-1]}]


def test_an_incident_keeps_its_subject_from_first_to_last(function: Functions) -> None:
    told = [
        emitted(function, "github-transformer", example("github-transformer", number))
        for number in ("29", "31", "32")
    ]

    assert {event["subject"]["id"] for event in told} == {"https://github.com/acme/shop/issues/7"}
    assert len({event["context"]["id"] for event in told}) == 3


def test_the_same_number_in_two_repositories_is_two_incidents(function: Functions) -> None:
    event = example("github-transformer", "28")
    other = copy.deepcopy(event)
    other["data"]["repository"]["html_url"] = "https://github.com/acme/cart"

    told = [emitted(function, "github-transformer", one) for one in (event, other)]

    assert len({one["subject"]["id"] for one in told}) == 2
    assert len({one["context"]["id"] for one in told}) == 2


@pytest.mark.parametrize(
    ("labels", "status"), [("outage, INCIDENT", 200), ("outage", 204), ("", 204)]
)
def test_which_labels_make_an_incident_is_a_setting(
    function: Functions, monkeypatch: pytest.MonkeyPatch, labels: str, status: int
) -> None:
    client = function("github-transformer")
    monkeypatch.setitem(client.environment, "INCIDENT_LABELS", labels)

    answer = client.post(example("github-transformer", "28"))

    assert answer.status_code == status


def test_where_incidents_happen_without_a_label_is_a_setting(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(function("github-transformer").environment, "INCIDENT_ENVIRONMENT", "live")
    monkeypatch.setenv("INCIDENT_SERVICE", "checkout")

    told = emitted(function, "github-transformer", example("github-transformer", "29"))

    assert told["subject"]["content"]["environment"] == {"id": "live"}
    assert told["subject"]["content"]["service"] == {"id": "checkout"}


@pytest.mark.parametrize(
    ("conclusion", "outcome"),
    [
        ("neutral", "success"),
        ("failure", "failure"),
        ("stale", "cancel"),
        ("timed_out", "error"),
        ("something new", None),
        (None, None),
    ],
)
def test_how_a_run_ended_is_in_cdevents_words(
    function: Functions, conclusion: str | None, outcome: str | None
) -> None:
    event = example("github-transformer", "37")
    event["data"]["workflow_run"]["conclusion"] = conclusion

    told = emitted(function, "github-transformer", event)

    assert told["subject"]["content"].get("outcome") == outcome


@BOTH
def test_five_mebibytes_of_commits_are_taken(function: Functions, name: str) -> None:
    event = example(name, "01")
    commit = event["data"]["commits"][0] | {"message": "m" * 20_000}
    event["data"]["commits"] = [commit | {"id": f"{number:040x}"} for number in range(1, 256)]

    told = emitted(function, name, event)

    assert len(json.dumps(event)) > 5_000_000
    assert len(told["customData"]["dora"]["commits"]) == 255
