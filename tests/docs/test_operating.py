"""What docs/operating.md shows is what happens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from local.events import send_recorded
from local.functions import url
from local.postgresql import PROGRAMS
from local.processes import clean_environment
from tests.docs.test_readme import examples
from tests.events import FINISHED, carried, cdevent, cloudevent
from tests.local.conftest import RunningStack
from tests.tables import EMPTY_BUT_RECEIVED
from tests.waiting import PATIENCE_SECONDS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()


def run_here(running: RunningStack, command: str) -> str:
    """Run a command with what a page exports, on the stack that runs, and return what it prints."""
    settings = running.stack.settings
    exports = re.findall(r"^(export .+)$", DOCUMENT, re.MULTILINE)
    script = "\n".join([*exports, command])
    script = script.replace("127.0.0.1:8080", f"127.0.0.1:{settings.broker_port}")
    script = script.replace("127.0.0.1:8090", f"127.0.0.1:{settings.metrics_port}")
    script = script.replace("15432", str(settings.postgres_port))
    script = script.replace(".dora/", f"{settings.data}/")
    environment = clean_environment() | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(PROGRAMS), os.defpath]),
        "DORA_URL": running.stack.metrics_url,
        "CDEVENTS_ENDPOINT": url(running.stack.functions["cdevents-endpoint"]),
    }
    done = subprocess.run(
        ["/bin/sh", "-c", script], env=environment, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    running.settle()
    return done.stdout


@pytest.mark.long
def test_every_command_does_what_the_page_says(running: RunningStack) -> None:
    send_recorded(running.stack.broker_url)
    running.send(carried(cdevent("service.deployed", id="2"), subject="other"))
    running.settle()

    shown = list(examples(DOCUMENT))

    assert len(shown) == 21
    for command, expected in shown:
        got = run_here(running, command)
        assert not expected or json.loads(got) == json.loads(expected)


def test_a_thousand_deployments_in_a_batch_are_counted_at_the_next_tick(
    running: RunningStack,
) -> None:
    content = {"environment": {"id": "production"}}
    events = [
        carried(
            cdevent(id=str(number), content=content | {"artifactId": f"pkg:oci/shop?tag={number}"})
        )
        for number in range(1000)
    ]
    gate = url(running.stack.functions["cdevents-endpoint"])
    headers = {"content-type": "application/cloudevents-batch+json"}

    answer = requests.post(gate, json=events, headers=headers, timeout=PATIENCE_SECONDS)
    running.send(cloudevent(type="dev.knative.sources.ping", catchup="true"))
    running.settle()

    assert answer.json() == {"kept": 1000, "refused": []}
    assert [each["Deployments"] for each in running.ask("/deploy-frequency/day")] == [1000]


def test_a_replay_lets_a_new_transformer_see_what_was_kept(running: RunningStack) -> None:
    running.send(FINISHED)
    running.settle()
    before = running.ask("/deploy-frequency/day")
    running.rows(EMPTY_BUT_RECEIVED)

    run_here(running, "python -m dora replay --from 2020-01-01")

    assert len(before) == 1
    assert running.ask("/deploy-frequency/day") == before
    assert running.rows("select count(*) from cloudevents_raw") == [[1]]


def test_a_redriven_letter_that_is_refused_again_is_open_again(running: RunningStack) -> None:
    broken = FINISHED | {"id": "broken", "data": {"kind": "Deployment"}}
    running.send(broken)
    running.settle()

    shown = run_here(running, "python -m dora redrive --dry-run")
    run_here(running, "python -m dora redrive")

    assert re.fullmatch(r" +1  http://127\.0\.0\.1:\d+  expected data to be .*\n", shown)
    assert running.rows(
        "select refused_count, redriven_at is not null, is_open from dead_letters"
    ) == [[2, True, True]]


def test_a_redriven_letter_that_is_taken_is_closed_and_counted(running: RunningStack) -> None:
    running.rows("alter table cdevents_raw add constraint mended check (false) not valid")
    running.send(FINISHED)
    running.settle()
    running.rows("alter table cdevents_raw drop constraint mended")

    run_here(running, "python -m dora redrive --reason '*constraint*'")

    assert running.rows("select is_open from dead_letters") == [[False]]
    assert len(running.ask("/deploy-frequency/day")) == 1


def test_a_number_goes_through_a_replay_to_the_last_digit(running: RunningStack) -> None:
    number = "12345678901234567890.123456789"
    text = json.dumps(cloudevent(data={"n": 0})).replace('"n": 0', f'"n": {number}')
    running.send(text)
    running.settle()

    run_here(running, "python -m dora replay --from 2020-01-01")

    assert running.rows("select content #>> '{data,n}' from cloudevents_raw") == [[number]]
