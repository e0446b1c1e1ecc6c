"""What the transformers of code hosts do beside the golden files: both ways in, two at once."""

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


@pytest.mark.parametrize("number", ["01", "13", "14", "25", "28", "31", "32", "41", "43"])
def test_both_ways_in_give_the_same_cdevent(function: Functions, number: str) -> None:
    event = example("github-transformer", number)

    by_webhook = emitted(function, "github-transformer", event)
    by_source = emitted(function, "github-transformer", as_a_githubsource_tells(event))

    assert by_webhook == by_source


def test_a_githubsource_loses_the_tier_and_what_the_deployer_told(function: Functions) -> None:
    event = example("github-transformer", "21")

    by_webhook = emitted(function, "github-transformer", event)
    by_source = emitted(function, "github-transformer", as_a_githubsource_tells(event))

    assert by_webhook["customData"]["dora"].pop("tier") == "production"
    assert by_webhook == by_source


def test_a_squashed_pull_request_and_its_push_name_the_same_commit(function: Functions) -> None:
    push = emitted(function, "github-transformer", example("github-transformer", "02"))
    pull = emitted(function, "github-transformer", example("github-transformer", "14"))

    [pushed], [merged] = (one["customData"]["dora"]["commits"] for one in (push, pull))
    assert pushed["sha"] == merged["sha"] == push["subject"]["id"]
    assert "committedAt" not in merged
    assert push["subject"]["content"] == pull["subject"]["content"]
    assert push["context"]["id"] != pull["context"]["id"]


def test_a_pull_request_whose_commits_were_pushed_as_they_are_tells_its_opening(
    function: Functions,
) -> None:
    event = example("github-transformer", "15")
    pull = event["data"]["pull_request"]
    pull["merge_commit_sha"] = pull["head"]["sha"]

    told = emitted(function, "github-transformer", event)["customData"]["dora"]

    assert told["commits"] == [{"sha": told["head"]}]
    assert told["openedAt"] == pull["created_at"]


def test_a_merge_commits_push_has_the_head_of_what_it_merged(function: Functions) -> None:
    push = emitted(function, "github-transformer", example("github-transformer", "03"))
    pull = emitted(function, "github-transformer", example("github-transformer", "15"))

    pushed = [commit["sha"] for commit in push["customData"]["dora"]["commits"]]
    assert pull["customData"]["dora"]["head"] in pushed
    assert pull["customData"]["dora"]["commits"] == [{"sha": pushed[-1]}]


def test_an_incident_keeps_its_subject_from_first_to_last(function: Functions) -> None:
    told = [
        emitted(function, "github-transformer", example("github-transformer", number))
        for number in ("28", "31", "32")
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


@pytest.mark.parametrize(
    ("patterns", "branch", "counts"),
    [
        (None, "release/2026/03", True),
        (None, "2.x", True),
        (None, "v2", True),
        (None, "version", False),
        (None, "Release/1", False),
        ("", "release/1", False),
        ("ship-*, next", "ship-it/now", True),
        ("ship-*, next", "release/1", False),
        ("", "main", True),
    ],
)
@BOTH
def test_which_branches_count_beside_the_default_one_is_a_setting(  # noqa: PLR0913, PLR0917
    function: Functions,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    patterns: str | None,
    branch: str,
    counts: bool,  # noqa: FBT001
) -> None:
    client = function(name)
    if patterns is None:
        monkeypatch.delenv("RELEASE_BRANCHES", raising=False)
    else:
        monkeypatch.setitem(client.environment, "RELEASE_BRANCHES", patterns)
    event = example(name, "01")
    event["data"]["ref"] = f"refs/heads/{branch}"

    assert client.post(event).status_code == (200 if counts else 204)


@pytest.mark.parametrize(
    ("tasks", "task", "status"),
    [
        ("deploy", "deploy", 200),
        ("deploy", None, 200),
        ("deploy", "deploy:migrations", 204),
        ("deploy*", "deploy:migrations", 200),
        ("ship", "deploy", 204),
    ],
)
def test_which_tasks_deploy_is_a_setting(
    function: Functions, monkeypatch: pytest.MonkeyPatch, tasks: str, task: str | None, status: int
) -> None:
    client = function("github-transformer")
    monkeypatch.setitem(client.environment, "DEPLOY_TASKS", tasks)
    event = example("github-transformer", "21")
    event["data"]["deployment"]["task"] = task

    assert client.post(event).status_code == status


RUNS = {
    "a workflow": ("github-transformer", "37", "DEPLOY_WORKFLOWS", "CI"),
    "a pipeline": ("gitlab-transformer", "23", "DEPLOY_WORKFLOWS", "CI"),
    "a build of Azure DevOps": ("azure-devops-transformer", "20", "DEPLOY_WORKFLOWS", "Deploy"),
    "a workflow of CircleCI": ("circleci-transformer", "01", "DEPLOY_WORKFLOWS", "deploy"),
    "a workflow of CircleCI again": ("circleci-transformer", "03", "DEPLOY_WORKFLOWS", "deploy"),
    "a workflow of a tag": ("circleci-transformer", "07", "DEPLOY_WORKFLOWS", "deploy"),
    "a workflow of GitLab's code": ("circleci-transformer", "08", "DEPLOY_WORKFLOWS", "deploy"),
    "a run of Gitea": ("gitea-transformer", "29", "DEPLOY_WORKFLOWS", "Deploy"),
    "a run of Gitea again": ("gitea-transformer", "31", "DEPLOY_WORKFLOWS", "Deploy"),
    "a run of Forgejo": ("gitea-transformer", "34", "DEPLOY_WORKFLOWS", "deploy.yml"),
}
JOBS = {
    "a job of GitHub": ("github-transformer", "59", "workflow_job"),
    "a job of GitLab": ("gitlab-transformer", "43", ""),
    "a job of Gitea": ("gitea-transformer", "32", "workflow_job"),
    "a job of Azure DevOps": ("azure-devops-transformer", "27", "job"),
    "a job of CircleCI": ("circleci-transformer", "09", "job"),
    "a build of Bitbucket": ("bitbucket-transformer", "15", "commit_status"),
}


@pytest.mark.parametrize("run", RUNS)
def test_a_run_whose_name_fits_a_pattern_is_a_deployment_too(
    function: Functions, broker: Subscriber, monkeypatch: pytest.MonkeyPatch, run: str
) -> None:
    name, number, setting, pattern = RUNS[run]
    monkeypatch.setitem(function(name).environment, setting, f"other, {pattern[:1]}*")

    assert function(name).post(example(name, number)).status_code == 204

    ran, deployed = (json.loads(body)["data"] for body in broker.bodies)
    assert ran["context"]["type"] == "dev.cdevents.pipelinerun.finished.0.3.0"
    assert deployed["context"]["type"] == "dev.cdevents.service.deployed.0.3.0"
    assert deployed["context"]["timestamp"] == ran["context"]["timestamp"]
    assert deployed["subject"]["id"] == "shop"
    assert deployed["subject"]["content"]["environment"] == {"id": "production"}
    assert deployed["customData"]["dora"]["assumedEnvironment"] is True
    assert deployed["customData"]["dora"]["serviceNames"] == [pattern, "shop"]
    assert deployed["customData"]["dora"]["startedAt"] < ran["context"]["timestamp"]
    assert "tier" not in deployed["customData"]["dora"]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_whose_name_fits_a_pattern_is_a_deployment(
    function: Functions, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    name, number, _ = JOBS[job]
    monkeypatch.setitem(function(name).environment, "DEPLOY_JOBS", "deploy*")

    told = emitted(function, name, example(name, number))

    assert told["context"]["type"] == "dev.cdevents.service.deployed.0.3.0"
    assert told["context"]["timestamp"] == "2026-03-02T10:20:00Z"
    assert told["subject"]["content"]["environment"] == {"id": "production"}
    assert told["customData"]["dora"]["assumedEnvironment"] is True
    assert told["customData"]["dora"]["startedAt"] == "2026-03-02T10:10:00Z"
    assert told["customData"]["dora"]["commit"] == "02fa4b342e606e2d6021a7c9abcfe59e4afdc225"


NO_DEPLOYMENTS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "a run for a pull request": ("github", "37", "workflow_run", {"event": "pull_request"}),
    "a run of a merge queue": ("github", "37", "workflow_run", {"event": "merge_group"}),
    "a run that failed": ("github", "37", "workflow_run", {"conclusion": "failure"}),
    "a run of another name": ("github", "37", "workflow_run", {"name": "Lint"}),
    "a job of a branch that does not count": (
        "github",
        "59",
        "workflow_job",
        {"head_branch": "checkout"},
    ),
    "a job that failed": ("github", "59", "workflow_job", {"conclusion": "failure"}),
    "a job of another name": ("github", "59", "workflow_job", {"name": "test"}),
    "a pipeline of a merge request": (
        "gitlab",
        "23",
        "object_attributes",
        {"ref": "refs/merge-requests/3/head"},
    ),
    "a pipeline that failed": ("gitlab", "23", "object_attributes", {"status": "failed"}),
    "a job of a branch of GitLab's": ("gitlab", "43", "", {"ref": "checkout"}),
    "a build of a pull request": ("azure-devops", "20", "resource", {"reason": "pullRequest"}),
    "a build that failed": ("azure-devops", "20", "resource", {"result": "failed"}),
    "a job of Azure that failed": ("azure-devops", "27", "resource", {"job": {"result": "failed"}}),
    "a workflow of a branch": ("circleci", "06", "", {}),
    "a workflow that failed": ("circleci", "01", "workflow", {"status": "failed"}),
    "a job of CircleCI that failed": ("circleci", "10", "", {}),
    "a run of Gitea for a pull request": ("gitea", "29", "workflow_run", {"event": "pull_request"}),
    "a run of Forgejo that failed": ("gitea", "34", "run", {"status": "failure"}),
    "a job of a build that failed": ("bitbucket", "15", "commit_status", {"state": "FAILED"}),
    "a job of a build of a branch": ("bitbucket", "15", "commit_status", {"refname": "checkout"}),
    "a job of a branch of Gitea's": ("gitea", "32", "workflow_job", {"head_branch": "checkout"}),
}


@pytest.mark.parametrize("kind", NO_DEPLOYMENTS)
def test_what_only_checks_a_change_is_no_deployment(
    function: Functions, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    tool, number, place, changed = NO_DEPLOYMENTS[kind]
    client = function(f"{tool}-transformer")
    monkeypatch.setitem(client.environment, "DEPLOY_WORKFLOWS", "CI, Deploy, deploy, deploy.yml")
    monkeypatch.setitem(client.environment, "DEPLOY_JOBS", "deploy*")
    event = example(f"{tool}-transformer", number)
    holder = event["data"][place] if place else event["data"]
    holder |= changed

    answer = client.post(event)

    assert answer.status_code == (204 if "job" in kind else 200)
    assert "service.deployed" not in answer.text


STAGES = {
    "24": ("shop", "https://dev.azure.com/acme/Shop/_git/shop"),
    "26": ("Deploy", None),
    "33": ("shop", "https://github.com/acme/shop"),
}


@pytest.mark.parametrize("number", STAGES)
def test_a_stage_is_a_deployment_of_what_its_run_made(
    function: Functions, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    name, (service, repository) = "azure-devops-transformer", STAGES[number]
    monkeypatch.setitem(function(name).environment, "DEPLOY_JOBS", "deploy*")

    told = emitted(function, name, example(name, number))

    assert told["subject"]["id"] == service
    assert told["subject"]["content"]["artifactId"] == "pkg:generic/Deploy@479"
    assert told["customData"]["dora"].get("repository") == repository
    assert told["customData"]["dora"]["serviceNames"] == ["deploy_production", service]


def test_a_build_says_of_which_commit_is_what_a_stage_of_it_deployed(
    function: Functions, broker: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "azure-devops-transformer"
    monkeypatch.setitem(function(name).environment, "DEPLOY_JOBS", "deploy*")

    assert function(name).post(example(name, "20")).status_code == 204

    _, made = (json.loads(body)["data"] for body in broker.bodies)
    assert made["context"]["type"] == "dev.cdevents.artifact.published.0.3.0"
    assert made["subject"]["id"] == "pkg:generic/Deploy@479"
    assert made["customData"]["dora"] == {
        "commit": "02fa4b342e606e2d6021a7c9abcfe59e4afdc225",
        "repository": "https://dev.azure.com/acme/Shop/_git/shop",
    }


def test_a_job_that_github_tells_as_a_deployment_is_told_once(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = function("github-transformer")
    monkeypatch.setitem(client.environment, "DEPLOY_JOBS", "deploy*")
    event = example("github-transformer", "59")
    event["data"]["deployment"] = {"id": 501}

    assert client.post(event).status_code == 204


def test_a_deployment_of_gitlab_and_its_job_are_one_event(function: Functions) -> None:
    deployment = emitted(function, "gitlab-transformer", example("gitlab-transformer", "16"))
    job = emitted(function, "gitlab-transformer", example("gitlab-transformer", "41"))

    assert job["customData"]["dora"].pop("startedAt") == "2026-03-02T10:10:00Z"
    assert job == deployment


@pytest.mark.parametrize("number", ["01", "09", "16", "23", "26", "41"])
def test_a_system_hook_tells_the_same_as_a_projects_webhook(
    function: Functions, number: str
) -> None:
    event = example("gitlab-transformer", number)
    by_project = emitted(function, "gitlab-transformer", event)

    event["type"] = "dev.knative.sources.gitlab.system"

    assert emitted(function, "gitlab-transformer", event) == by_project


@pytest.mark.parametrize(
    ("author", "is_bot"),
    [
        ({"name": "dependabot[bot]"}, True),
        ({"name": "Ada", "username": "ship-it[bot]"}, True),
        ({"name": "Ada", "email": "1+github-actions[bot]@users.noreply.github.com"}, True),
        ({"name": "Renovate Bot", "email": "bot@renovateapp.com"}, True),
        ({"name": "deploy", "username": "acme-bot"}, True),
        ({"name": "token", "email": "group_7_bot_4ffc@noreply.gitlab.com"}, True),
        ({"name": "Jan Bot", "email": "jan.bot@example.com", "username": "janbot"}, False),
        ({"name": "Talbot", "email": "robot@example.com"}, False),
        (None, False),
    ],
)
def test_whose_commits_are_a_bots(
    function: Functions,
    author: dict[str, str] | None,
    is_bot: bool,  # noqa: FBT001
) -> None:
    event = example("github-transformer", "02")
    event["data"]["commits"][0]["author"] = author

    [commit] = emitted(function, "github-transformer", event)["customData"]["dora"]["commits"]

    assert commit.get("bot", False) is is_bot


PATHS: dict[str, tuple[dict[str, Any], list[str] | None]] = {
    "each once, in order": ({"added": ["b", "a"], "modified": ["c", "a"]}, ["a", "b", "c"]),
    "none": ({"added": None, "modified": [], "removed": []}, []),
    "as many as are kept": (
        {"added": [f"{n:03}" for n in range(300)]},
        [f"{n:03}" for n in range(300)],
    ),
    "too many": ({"added": [f"{n:03}" for n in range(301)]}, None),
    "a list is gone": ({"added": "gone"}, None),
    "something else": ({"added": [7]}, None),
}


@pytest.mark.parametrize("kind", PATHS)
def test_which_files_a_commit_touched_is_told_where_all_are_known(
    function: Functions, kind: str
) -> None:
    changed, expected = PATHS[kind]
    event = example("github-transformer", "02")
    commit = event["data"]["commits"][0]
    commit |= {"added": [], "removed": [], "modified": []} | changed

    [told] = emitted(function, "github-transformer", event)["customData"]["dora"]["commits"]

    assert told.get("paths") == expected


def test_what_does_not_fit_of_a_pushs_paths_is_unknown(function: Functions) -> None:
    event = example("github-transformer", "02")
    commit = event["data"]["commits"][0]
    paths = [f"{number:03}" + "x" * 497 for number in range(150)]
    event["data"]["commits"] = [
        commit | {"id": f"{number:040x}", "added": paths} for number in range(1, 6)
    ]

    told = emitted(function, "github-transformer", event)["customData"]["dora"]["commits"]

    assert ["paths" in one for one in told] == [True, True, False, False, False]
