"""What docs/events.md gives people to copy works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.local.conftest import SECRET, RunningStack

DOCUMENT = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
SECTION = DOCUMENT.partition("## By hand\n")[2].partition("\n## ")[0]
BLOCKS = dict(re.findall(r"^```(yaml|sh)\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL))
# The same with the command line.
DORA_BLOCKS = dict(re.findall(r"^```(yaml|sh) dora\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL))
SHA = "02fa4b342e606e2d6021a7c9abcfe59e4afdc225"
# https://docs.github.com/en/actions/reference/workflows-and-actions/variables
RUNNER = {
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin:/usr/bin:/bin"]),
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": SHA,
    "GITHUB_RUN_ID": "9001",
    "GITHUB_RUN_ATTEMPT": "1",
}


def expressions(running: RunningStack) -> dict[str, str]:
    """Return what GitHub puts in the place of each expression."""
    url = f"http://127.0.0.1:{running.stack.settings.webhooks_port}"
    return {"${{ vars.DORA_WEBHOOKS_URL }}": url, "${{ secrets.DORA_TOKEN }}": SECRET}


def run(
    script: str, environment: dict[str, str], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub's runner does, in a folder."""
    return subprocess.run(
        ["/usr/bin/env", "bash", "-e", "-c", script],
        env=environment,
        capture_output=True,
        check=False,
        cwd=folder,
        text=True,
    )


def step(
    running: RunningStack, folder: Path | None = None, **other: str
) -> subprocess.CompletedProcess[str]:
    [given] = yaml.safe_load(BLOCKS["yaml"])
    known = expressions(running)
    filled = {name: known.get(value, value) for name, value in given["env"].items()}
    assert "${{" not in given["run"]
    return run(given["run"], RUNNER | filled | other, folder)


def test_the_step_of_github_actions_tells_a_deployment(running: RunningStack) -> None:
    for _ in range(2):  # a step that is run again within the second sends the same
        done = step(running)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    running.settle()

    columns = "deploy_source, deploy_id, deploy_name, environment_id, artifact_id"
    assert running.rows(f"select {columns} from deployments") == [
        [
            "https://github.com/acme/shop",
            "9001-1-shop-production",
            "shop",
            "production",
            f"pkg:github/acme/shop@{SHA}",
        ]
    ]
    assert running.rows("select content #>> '{customData,dora,commit}' from cdevents_raw") == [
        [SHA]
    ]
    assert running.rows("select now() - time_created < '1 hour' from deployments") == [[True]]
    assert running.rows("select * from dead_letters") == []


def test_the_step_says_what_came_since_the_release_before(
    running: RunningStack, tmp_path: Path
) -> None:
    script = (
        "git init -q; for n in 1 2 3 4; do git commit -q --allow-empty -m $n; git tag v$n; done"
    )
    person = {"NAME": "Ada", "EMAIL": "ada@example.com", "DATE": "2026-03-02T10:00:00+01:00"}
    people = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in person.items()
    }
    assert run(script, RUNNER | people, tmp_path).returncode == 0
    hashes = run("git rev-parse v4 v3", RUNNER, tmp_path).stdout.split()

    done = step(running, tmp_path, SINCE="v2", GITHUB_SHA=hashes[0])
    running.settle()

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert running.rows("select content #> '{customData,dora,commits}' from cdevents_raw") == [
        [[{"sha": sha, "committedAt": "2026-03-02T10:00:00+01:00"} for sha in hashes]]
    ]


def test_the_command_line_reports_the_same_deployment(running: RunningStack) -> None:
    [given] = yaml.safe_load(DORA_BLOCKS["yaml"])
    known = expressions(running)
    for _ in range(2):
        done = run(
            given["run"], RUNNER | {name: known[value] for name, value in given["env"].items()}
        )
        assert (done.returncode, done.stdout.partition(";")[0]) == (0, "accepted")
    running.settle()

    columns = "deploy_source, deploy_name, environment_id, artifact_id"
    assert running.rows(f"select {columns} from deployments") == [
        ["https://github.com/acme/shop", "shop", "production", f"pkg:github/acme/shop@{SHA}"]
    ]
    assert running.rows("select content #>> '{customData,dora,commit}' from cdevents_raw") == [
        [SHA]
    ]


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_the_token_the_step_fails(running: RunningStack, token: str) -> None:
    done = step(running, DORA_TOKEN=token)
    running.settle()

    assert done.returncode == 22
    assert "401" in done.stderr
    assert running.rows("select * from cloudevents_raw") == []


@pytest.mark.parametrize("script", [BLOCKS["sh"], DORA_BLOCKS["sh"]], ids=["curl", "dora"])
def test_the_commands_report_an_incident_and_its_end(running: RunningStack, script: str) -> None:
    values = expressions(running).values()
    named = dict(zip(("DORA_WEBHOOKS_URL", "DORA_TOKEN"), values, strict=True))

    done = run(script, RUNNER | named)
    running.settle()

    assert done.returncode == 0
    given = running.rows(
        "select cd_predicate, service_id, environment_id, cd_subject_id from cdevents_raw"
        " order by cd_timestamp"
    )
    assert given == [
        ["detected", "shop", "production", "checkout-2026-03-02"],
        ["resolved", "shop", "production", "checkout-2026-03-02"],
    ]
    incidents = running.ask("/incidents?from=2026-03-01&to=2026-03-04")["incidents"]
    assert [(one["detected_at"], one["resolved_at"]) for one in incidents] == [
        ("2026-03-02T10:30:00Z", "2026-03-02T11:30:00Z")
    ]
