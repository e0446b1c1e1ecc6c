"""What a person or a pipeline reports, as an event to the Broker or to the webhooks endpoint."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dora.cdevents.schemas import problem
from tests.commands.conftest import Commands, Sink

SHA = "02fa4b342e606e2d6021a7c9abcfe59e4afdc225"
# https://docs.github.com/en/actions/reference/workflows-and-actions/variables
GITHUB = {
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_REPOSITORY_ID": "7",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": SHA,
    "GITHUB_REF_NAME": "main",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_RUN_ID": "9001",
    "GITHUB_RUN_ATTEMPT": "1",
}
# https://docs.gitlab.com/ci/variables/predefined_variables/
GITLAB = {
    "CI_PIPELINE_ID": "12",
    "CI_JOB_ID": "34",
    "CI_JOB_URL": "https://git.example.com/acme/shop/-/jobs/34",
    "CI_JOB_STARTED_AT": "2026-03-02T10:00:00Z",
    "CI_PROJECT_ID": "7",
    "CI_PROJECT_NAME": "shop",
    "CI_PROJECT_URL": "https://git.example.com/acme/shop",
    "CI_COMMIT_SHA": SHA,
    "CI_COMMIT_BRANCH": "main",
    "CI_DEFAULT_BRANCH": "main",
    "CI_ENVIRONMENT_NAME": "live",
    "CI_ENVIRONMENT_TIER": "production",
}
DEPLOYMENT = ("report", "deployment")
BY_HAND = (*DEPLOYMENT, "--service", "shop", "--artifact", "ghcr.io/acme/shop:1.4")


@pytest.fixture
def commands(sink: Sink) -> Commands:
    """Without a database: a report asks it nothing."""
    return Commands({"K_SINK": sink.url})


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Work in a repository of four commits, v1 to v4; return their names, the newest first."""
    script = (
        "git init -q; for n in 1 2 3 4; do git commit -q --allow-empty -m $n; git tag v$n; done"
    )
    person = {"NAME": "Ada", "EMAIL": "ada@example.com", "DATE": "2026-03-02T10:00:00+01:00"}
    for who in ("AUTHOR", "COMMITTER"):
        for what, value in person.items():
            monkeypatch.setenv(f"GIT_{who}_{what}", value)
    monkeypatch.chdir(tmp_path)
    subprocess.run(["/bin/sh", "-euc", script], check=True)
    listed = subprocess.run(
        ["/usr/bin/env", "git", "log", "--format=%H"], capture_output=True, check=True
    )
    return listed.stdout.decode().split()


def sent(sink: Sink) -> list[dict[str, Any]]:
    """Return the events that were taken, each of which has to be valid."""
    events = [json.loads(body) for body in sink.bodies]
    assert [problem(event["data"]) for event in events] == [None] * len(events)
    return events


def test_a_step_of_github_actions_reports_its_deployment(commands: Commands, sink: Sink) -> None:
    done = commands.having(**GITHUB).run(*DEPLOYMENT, "--environment", "live")

    [event] = sent(sink)
    assert (done.returncode, done.stdout.startswith("accepted")) == (0, True)
    assert (event["type"], event["source"], event["subject"]) == (
        "dev.cdevents.service.deployed.0.3.0",
        "https://github.com/acme/shop",
        "shop",
    )
    assert event["data"]["subject"]["content"] == {
        "environment": {"id": "live"},
        "artifactId": f"pkg:github/acme/shop@{SHA}",
    }
    assert event["data"]["customData"]["dora"] == {
        "commit": SHA,
        "repository": "https://github.com/acme/shop",
        "repositoryId": "7",
        "url": "https://github.com/acme/shop/actions/runs/9001",
    }


def test_a_job_of_gitlab_reports_its_deployment(commands: Commands, sink: Sink) -> None:
    assert commands.having(**GITLAB).run(*DEPLOYMENT).returncode == 0

    [event] = sent(sink)
    content = event["data"]["subject"]["content"]
    assert (event["subject"], content["environment"]) == ("shop", {"id": "live"})
    assert content["artifactId"].startswith(f"pkg:gitlab/acme/shop@{SHA}")
    assert event["data"]["customData"]["dora"] == {
        "commit": SHA,
        "repository": "https://git.example.com/acme/shop",
        "repositoryId": "7",
        "tier": "production",
        "startedAt": "2026-03-02T10:00:00Z",
        "url": "https://git.example.com/acme/shop/-/jobs/34",
    }


def test_a_step_that_runs_again_reports_the_same_event(commands: Commands, sink: Sink) -> None:
    first = commands.having(**GITHUB)
    for step in (first, first, first.having(GITHUB_RUN_ATTEMPT="2")):
        step.run(*DEPLOYMENT)

    ids = sink.ids
    assert ids[0] == ids[1] != ids[2]


def test_another_time_is_another_deployment_unless_an_id_says_not(
    commands: Commands, sink: Sink
) -> None:
    at = [("--time", "2026-03-02T10:00:00Z"), ("--time", "2026-03-03T10:00:00Z")]
    for time in at:
        commands.run(*BY_HAND, *time)
    for time in at:
        commands.run(*BY_HAND, *time, "--id", "release-7")

    ids = sink.ids
    assert (len(set(ids)), ids[2]) == (3, ids[3])


def test_what_came_since_the_release_before_is_named(
    commands: Commands, sink: Sink, checkout: list[str]
) -> None:
    options = ("--service", "shop", "--commits-since", "v2", "--unplanned", "--team", "store")
    assert commands.run(*DEPLOYMENT, *options).returncode == 0

    [event] = sent(sink)
    dora = event["data"]["customData"]["dora"]
    time = "2026-03-02T10:00:00+01:00"
    assert dora["commits"] == [{"sha": sha, "committedAt": time} for sha in checkout[:2]]
    assert (dora["commit"], dora["unplanned"], dora["team"]) == (checkout[0], True, "store")
    assert dora["assumedEnvironment"] is True


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("tag", ["v9", "--output=leak", "v2 v3"])
def test_a_tag_that_git_does_not_know_reports_nothing(
    commands: Commands, sink: Sink, tag: str, tmp_path: Path
) -> None:
    refused = commands.run(*DEPLOYMENT, "--service", "shop", f"--commits-since={tag}")

    assert (refused.returncode, sink.bodies) == (1, [])
    assert refused.stderr.startswith(f"git knows no commit '{tag}' here; the checkout has to reach")
    assert not (tmp_path / "leak").exists()


def test_a_dry_run_prints_the_event_and_sends_nothing(sink: Sink) -> None:
    shown = Commands({}).run(*BY_HAND, "--environment", "live", "--dry-run")

    event = json.loads(shown.stdout)
    assert (shown.returncode, shown.stderr, sink.requests) == (0, "", 0)
    assert event["data"]["subject"]["content"]["artifactId"] == (
        "pkg:oci/shop?repository_url=ghcr.io/acme/shop&tag=1.4"
    )


def test_the_webhooks_endpoint_goes_before_the_broker_and_alone_sees_the_token(
    commands: Commands, sink: Sink
) -> None:
    settings = {"DORA_WEBHOOKS_URL": f"{sink.url}/", "DORA_TOKEN": "s3cret"}
    commands.having(**settings).run(*BY_HAND)
    commands.having(**settings).run(*BY_HAND, "--sink", sink.url)

    assert sink.tokens == ["Bearer s3cret", None]


def test_a_wrong_token_is_said_so(commands: Commands, sink: Sink) -> None:
    sink.answer = lambda _number: (401, "")

    refused = commands.having(DORA_WEBHOOKS_URL=sink.url, DORA_TOKEN="s3cret").run(*BY_HAND)  # noqa: S106

    assert refused.returncode == 1
    assert refused.stderr.startswith("refused: 401 DORA_TOKEN is none of the secrets")
    assert "s3cret" not in refused.stderr


@pytest.mark.parametrize(
    ("environment", "arguments", "sentence"),
    [
        ({}, BY_HAND, "expected DORA_WEBHOOKS_URL (the webhooks endpoint) or K_SINK"),
        ({"DORA_WEBHOOKS_URL": "https://x"}, BY_HAND, "expected DORA_TOKEN to hold"),
        ({}, DEPLOYMENT, "expected --service, for no pipeline says it; got none"),
        ({}, (*DEPLOYMENT, "--service", "shop"), "expected --artifact or --commit"),
        ({}, (*BY_HAND, "--started", "now"), "expected --started to be a date, such as"),
        ({}, ("report", "change"), "expected --repository, for no pipeline"),
    ],
)
def test_what_is_missing_is_said(
    environment: dict[str, str], arguments: tuple[str, ...], sentence: str
) -> None:
    refused = Commands(environment).run(*arguments)

    assert refused.returncode == 1
    assert refused.stderr.startswith(sentence)


def test_an_incident_and_its_end_are_of_one_subject(commands: Commands, sink: Sink) -> None:
    incident = ("report", "incident", "checkout-7", "--service", "shop")
    commands.run(*incident, "--description", "Checkout is down")
    commands.run(*incident, "--resolved")

    detected, resolved = sent(sink)
    assert [event["type"].split(".")[3] for event in (detected, resolved)] == [
        "detected",
        "resolved",
    ]
    assert detected["subject"] == resolved["subject"] == "checkout-7"
    assert detected["source"] == resolved["source"]
    assert detected["data"]["subject"]["content"]["description"] == "Checkout is down"


def test_a_change_is_what_a_push_brought(
    commands: Commands, sink: Sink, checkout: list[str]
) -> None:
    job = commands.having(**GITLAB | {"CI_COMMIT_SHA": "v4", "CI_COMMIT_BEFORE_SHA": checkout[2]})
    assert job.run("report", "change").returncode == 0

    [event] = sent(sink)
    dora = event["data"]["customData"]["dora"]
    assert event["subject"] == checkout[0]
    assert [commit["sha"] for commit in dora["commits"]] == checkout[1::-1]
    assert (dora["before"], dora["branch"], dora["defaultBranch"]) == (checkout[2], "main", "main")
