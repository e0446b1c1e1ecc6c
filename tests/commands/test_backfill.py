"""The past of GitHub and GitLab as events, from a server that answers as their APIs do."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import github_past, gitlab_past
from tests.commands.conftest import Commands, Sink
from tests.commands.tool import TOKEN, Tool
from tests.conftest import Functions
from tests.events import example
from tests.sink import listening
from tests.waiting import PATIENCE_SECONDS

PASTS = {"github": (github_past, "acme/shop"), "gitlab": (gitlab_past, "acme/store/shop")}
each_tool = pytest.mark.parametrize("tool", PASTS)
Backfill = Callable[..., Any]


@pytest.fixture
def api() -> Iterator[Tool]:
    server = Tool(github_past.places())
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def arguments(api: Tool, commands: Commands, tmp_path: Path) -> Callable[..., list[str]]:
    """What the command is given for a tool's past."""
    commands.environment |= {"GITHUB_TOKEN": TOKEN, "GITLAB_TOKEN": f" {TOKEN}\n"}

    def made(tool: str = "github", *more: str) -> list[str]:
        past, project = PASTS[tool]
        api.places = past.places()
        state = ["--state", str(tmp_path / "sent")]
        return ["--months", "600", "--api", api.url, *state, tool, project, *more]

    return made


def transformed(tool: str, events: list[dict[str, Any]], function: Functions) -> dict[str, Any]:
    """Return the CDEvents of events; of one reported twice the earliest report."""
    found: dict[str, Any] = {}
    for event in events:
        with pytest.MonkeyPatch.context() as patch, listening(patch) as emitted:
            answer = function(f"{tool}-transformer").post(event)
            assert answer.status_code in (200, 204), answer.text
        for body in [answer.data] if answer.status_code == 200 else emitted.bodies:
            cdevent = json.loads(body)
            kept = found.setdefault(cdevent["id"], cdevent)
            found[cdevent["id"]] = min(kept, cdevent, key=lambda one: str(one["time"]))
    return found


def sent(sink: Sink) -> list[dict[str, Any]]:
    return [json.loads(body) for body in sink.bodies]


@each_tool
def test_the_past_becomes_the_cdevents_that_the_webhooks_became(
    commands: Commands,
    sink: Sink,
    function: Functions,
    arguments: Callable[..., list[str]],
    tool: str,
) -> None:
    told = transformed(tool, PASTS[tool][0].webhooks(), function)

    done = commands.run("backfill", *arguments(tool))

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert transformed(tool, sent(sink), function) == told
    assert len(told) > 12


@each_tool
def test_told_again_the_events_are_the_same(
    commands: Commands, sink: Sink, arguments: Callable[..., list[str]], tool: str
) -> None:
    for _ in range(2):
        assert commands.run("backfill", *arguments(tool)).returncode == 0

    first, second = sink.bodies[: len(sink.bodies) // 2], sink.bodies[len(sink.bodies) // 2 :]
    assert first == second
    assert len({(event["source"], event["id"]) for event in sent(sink)}) == len(first)


@each_tool
def test_interrupted_it_goes_on_where_it_was(
    commands: Commands, api: Tool, sink: Sink, arguments: Callable[..., list[str]], tool: str
) -> None:
    given = arguments(tool)
    commands.run("backfill", *given)
    whole, all_asked = sorted(sink.ids), len(api.asked)
    sink.bodies.clear()

    stopped = commands.interrupt(signal.SIGINT, sink, 8, "backfill", *given)
    before = len(sink.bodies)
    api.asked.clear()
    done = commands.run("backfill", *given)

    assert stopped.returncode == 130
    assert re.search(
        r"\d+ events, \d+% of the time, about [\d,]+ s left\nstopped; the same", stopped.stderr
    )
    assert done.returncode == 0
    assert "going on after" in done.stderr
    assert 8 < before < len(whole)
    assert sorted(sink.ids) == whole  # nothing is missing, and nothing was sent twice
    assert len(api.asked) < all_asked


def test_killed_it_repeats_one_thing_at_most(
    commands: Commands, sink: Sink, arguments: Callable[..., list[str]]
) -> None:
    commands.run("backfill", *arguments())
    whole = sorted(sink.ids)
    sink.bodies.clear()

    commands.interrupt(signal.SIGKILL, sink, 6, "backfill", *arguments())
    commands.run("backfill", *arguments())

    assert sorted(set(sink.ids)) == whole
    assert len(sink.ids) - len(whole) <= 5  # what a pull request or an issue reports


LIMITS: dict[str, tuple[int, dict[str, str], str]] = {
    "Retry-After": (429, {"Retry-After": "1"}, ""),
    "GitHub's": (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "SOON"}, "{}"),
    "GitLab's": (429, {"RateLimit-Remaining": "0", "RateLimit-Reset": "SOON"}, "Retry later"),
}


@pytest.mark.parametrize("kind", LIMITS)
def test_a_rate_limit_is_waited_for(
    commands: Commands, api: Tool, sink: Sink, arguments: Callable[..., list[str]], kind: str
) -> None:
    status, headers, body = LIMITS[kind]

    def limited(number: int) -> tuple[int, dict[str, str], str] | None:
        soon = str(int(time.time()))
        named = {name: value.replace("SOON", soon) for name, value in headers.items()}
        return (status, named, body) if number in (2, 9) else None

    api.instead = limited
    done = commands.run("backfill", *arguments())

    assert done.returncode == 0
    assert done.stderr.count("the API's rate limit is reached: going on in 1 s") == 2
    assert len(sink.bodies) == len(set(sink.ids)) > 12


def test_a_limit_that_is_waited_for_can_be_interrupted(
    commands: Commands, api: Tool, arguments: Callable[..., list[str]]
) -> None:
    api.instead = lambda number: (429, {"Retry-After": "3000"}, "") if number > 1 else None

    process = commands.start("backfill", *arguments())
    assert process.stderr
    assert any("going on in 3,000 s" in line for line in process.stderr)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 130


def test_an_api_in_trouble_is_asked_again(
    commands: Commands, api: Tool, arguments: Callable[..., list[str]]
) -> None:
    api.instead = lambda number: (502, {}, "<html>") if number in (1, 5) else None

    assert commands.run("backfill", *arguments()).returncode == 0


REFUSED: dict[str, tuple[dict[str, str], list[str], str]] = {
    "no token": ({"GITHUB_TOKEN": ""}, [], "expected GITHUB_TOKEN to hold a token"),
    "a wrong token": ({"GITHUB_TOKEN": "wrong"}, [], "the API refuses the token"),
    "a project that is not there": ({}, ["acme/none"], "/api/repos/acme/none to be there"),
    "an API without TLS": ({}, ["--api", "http://example.com"], "to be an https address"),
    "a sink that is none": ({"K_SINK": ""}, [], "expected --sink or K_SINK"),
    "no months": ({}, ["--months", "0"], "expected --months to be more than 0, got 0"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_done_is_said_in_one_sentence(
    commands: Commands, arguments: Callable[..., list[str]], kind: str
) -> None:
    environment, more, expected = REFUSED[kind]
    given = arguments()
    commands.environment |= environment

    done = commands.run("backfill", *given, *more)

    assert done.returncode == 1
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_the_token_goes_to_no_other_host_and_is_not_told(
    commands: Commands, api: Tool, arguments: Callable[..., list[str]]
) -> None:
    other = Tool({})
    thread = threading.Thread(target=other.serve_forever, args=[0.01])
    thread.start()
    api.instead = lambda _number: (302, {"location": f"{other.url}/repos/acme/shop"}, "")

    done = commands.run("backfill", *arguments())
    other.shutdown()
    thread.join()
    other.server_close()

    assert done.returncode == 1
    assert "expected the API to stay at" in done.stderr
    assert other.asked == []
    assert TOKEN not in done.stderr


def test_a_repository_that_was_renamed_is_found(
    commands: Commands, api: Tool, arguments: Callable[..., list[str]]
) -> None:
    given = arguments()
    api.places["/repositories/4711"] = api.places[github_past.REPOSITORY]
    moved = {"location": f"{api.url}/repositories/4711"}
    api.instead = lambda number: (301, moved, "") if number == 1 else None

    assert commands.run("backfill", *given).returncode == 0


def test_what_is_older_is_not_asked_for(
    commands: Commands, api: Tool, sink: Sink, arguments: Callable[..., list[str]]
) -> None:
    assert commands.run("backfill", *arguments(), "--months", "0.001").returncode == 0

    assert not [one for one in api.asked if "/statuses" in one or "/compare/" in one]
    assert {event["type"].rpartition(".")[2] for event in sent(sink)} <= {"issues"}


def test_an_older_github_without_activity_tells_the_rest(
    commands: Commands, api: Tool, sink: Sink, arguments: Callable[..., list[str]]
) -> None:
    given = arguments()
    del api.places[f"{github_past.REPOSITORY}/activity"]

    done = commands.run("backfill", *given)

    assert done.returncode == 0
    assert "pushes without a pull request are left out" in done.stderr
    assert "dev.knative.source.github.pull_request" in {event["type"] for event in sent(sink)}


def test_a_push_of_more_commits_than_a_page_is_whole(
    commands: Commands, api: Tool, sink: Sink, arguments: Callable[..., list[str]]
) -> None:
    given = arguments()
    [place, *_] = [place for place in api.places if "/compare/" in place]
    one = api.places[place]["commits"][0]
    commits = [one | {"sha": f"{number:040x}"} for number in range(1, 131)]

    def page(parameters: dict[str, str]) -> dict[str, Any]:
        end = int(parameters["page"]) * int(parameters["per_page"])
        return {"commits": commits[end - int(parameters["per_page"]) : end]}

    api.places[place] = page
    assert commands.run("backfill", *given).returncode == 0

    pushes = [event["data"] for event in sent(sink) if event["type"].endswith(".push")]
    assert 130 in [len(push["commits"]) for push in pushes]


def test_a_push_whose_commits_are_gone_is_left_out(
    commands: Commands, api: Tool, sink: Sink, arguments: Callable[..., list[str]]
) -> None:
    given = arguments()
    [place, *_] = [place for place in api.places if "/compare/" in place]
    del api.places[place]

    done = commands.run("backfill", *given)

    assert done.returncode == 0
    assert "is left out: its commits are gone" in done.stderr
    pushes = len(github_past.PUSHES | github_past.RELEASED)
    assert [event["type"].rpartition(".")[2] for event in sent(sink)].count("push") == pushes - 1


def test_a_refused_event_is_told_and_the_others_are_sent(
    commands: Commands, sink: Sink, arguments: Callable[..., list[str]]
) -> None:
    sink.answer = lambda number: (400, "too large") if number == 3 else (202, "")

    done = commands.run("backfill", *arguments())

    assert done.returncode == 1
    assert "was refused: 400 too large" in done.stderr
    assert sink.requests == len(sink.bodies) + 1


def test_what_the_api_tells_wrongly_is_left_out_and_the_others_are_sent(
    commands: Commands, api: Tool, sink: Sink, arguments: Callable[..., list[str]]
) -> None:
    given = arguments()
    broken, *_ = api.places[f"{github_past.REPOSITORY}/pulls"]
    broken["created_at"] = None

    done = commands.run("backfill", *given)

    assert done.returncode == 1
    assert f"{broken['number']} {broken['updated_at']} was refused: expected created_at" in (
        done.stderr
    )
    assert sink.ids


def test_a_token_that_expires_ends_it_and_nothing_is_forgotten(
    commands: Commands, api: Tool, sink: Sink, arguments: Callable[..., list[str]]
) -> None:
    given = arguments()
    commands.run("backfill", *given)
    whole = sorted(sink.ids)
    sink.bodies.clear()
    api.asked.clear()

    api.instead = lambda number: (401, {}, "{}") if number > 9 else None
    ended = commands.run("backfill", *given)
    api.instead = lambda _number: None
    done = commands.run("backfill", *given)

    assert (ended.returncode, done.returncode) == (1, 0)
    assert "it is wrong or expired" in ended.stderr
    assert "going on after" in done.stderr
    assert sorted(sink.ids) == whole


def pushes(sink: Sink) -> dict[str, dict[str, Any]]:
    """Return the pushes that were sent, by the commit that they began from."""
    told = [event["data"] for event in sent(sink) if event["type"].endswith(".push")]
    return {push["before"]: push for push in told}


@pytest.mark.parametrize("more", [[], ["--compare"]])
def test_what_lies_between_two_pushes_is_compared_where_that_is_wanted(
    commands: Commands,
    api: Tool,
    sink: Sink,
    arguments: Callable[..., list[str]],
    more: list[str],
) -> None:
    missing = example("github-transformer", "03")["data"]
    given = arguments("github", *more)
    listed = api.places[f"{github_past.REPOSITORY}/activity"]
    listed[:] = [one for one in listed if one["after"] != missing["after"]]

    assert commands.run("backfill", *given).returncode == 0

    found = pushes(sink).get(missing["before"])
    assert bool(found) == bool(more)
    if found:
        assert found["after"] == missing["after"]
        assert [one["id"] for one in found["commits"]] == [one["id"] for one in missing["commits"]]
        assert found["repository"]["pushed_at"] == found["commits"][-1]["timestamp"]


@pytest.mark.parametrize("more", [[], ["--compare"]])
def test_what_gitlab_cuts_off_is_told_where_that_is_wanted(
    commands: Commands, sink: Sink, arguments: Callable[..., list[str]], more: list[str]
) -> None:
    large = example("gitlab-transformer", "02")["data"]

    assert commands.run("backfill", *arguments("gitlab", *more)).returncode == 0

    [found] = [push for push in pushes(sink).values() if push["after"] == large["after"]]
    assert len(found["commits"]) == (57 if more else 20)
    assert found["total_commits_count"] == 57


def test_what_runs_deploy_is_told_where_a_setting_names_them(  # noqa: PLR0913, PLR0917
    commands: Commands,
    api: Tool,
    sink: Sink,
    function: Functions,
    arguments: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = arguments()
    run, job = (example("github-transformer", number) for number in ("37", "59"))
    told_run = run["data"]["workflow_run"]
    bad = told_run | {"id": 2, "conclusion": "failure"}
    runs, jobs = f"{github_past.REPOSITORY}/actions/runs", [job["data"]["workflow_job"]]
    api.places |= {
        runs: {"total_count": 2, "workflow_runs": [bad, told_run]},
        f"{runs}/{told_run['id']}/jobs": {"total_count": 1, "jobs": jobs},
    }
    commands.environment |= {"DEPLOY_WORKFLOWS": "C*", "DEPLOY_JOBS": "deploy*"}
    monkeypatch.setitem(function("github-transformer").environment, "DEPLOY_JOBS", "deploy*")

    assert commands.run("backfill", *given).returncode == 0

    told = [event for event in sent(sink) if ".workflow_" in event["type"]]
    assert transformed("github", told, function) == transformed("github", [run, job], function)
    assert len(told) == 2


def test_what_pipelines_and_jobs_deploy_is_told_where_a_setting_names_them(  # noqa: PLR0913, PLR0917
    commands: Commands,
    api: Tool,
    sink: Sink,
    function: Functions,
    arguments: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = arguments("gitlab")
    pipeline, job = (example("gitlab-transformer", number) for number in ("23", "43"))
    api.places |= gitlab_past.runs(pipeline, job)
    commands.environment |= {"DEPLOY_WORKFLOWS": "CI", "DEPLOY_JOBS": "deploy*"}
    monkeypatch.setitem(function("gitlab-transformer").environment, "DEPLOY_JOBS", "deploy*")

    assert commands.run("backfill", *given).returncode == 0

    told = [event for event in sent(sink) if event["type"].endswith((".pipeline", ".job"))]
    by_job = example("gitlab-transformer", "41")
    expected = transformed("gitlab", [pipeline, job, by_job], function)
    assert transformed("gitlab", told, function) == expected
    assert len(told) == 3  # the job that is a deployment of GitLab's is told once
