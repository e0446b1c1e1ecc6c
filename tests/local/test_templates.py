"""Functions made from the templates, in a copy of the repository, through the whole stack."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from local.events import wait_until_quiet
from local.postgresql import Postgresql
from local.processes import clean_environment, free_port
from local.stack import BROKER_PATH, DATABASE, Settings
from tests.events import carried, cdevent, cloudevent
from tests.local.conftest import PORTS
from tests.waiting import PATIENCE_SECONDS

REPOSITORY = Path(__file__).parents[2]
FOLDERS = ("broker", "functions", "lib", "local", "sources", "sql", "templates", "triggers")
BLOCK = re.compile(r"^```(yaml|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = dict(BLOCK.findall((REPOSITORY / "CONTRIBUTING.md").read_text()))
TABLE = """-- A test's table: one row per service.
create table if not exists seen_services (service_id text primary key, seen_at timestamptz);
alter table seen_services owner to dora_owner;
grant select, insert, update, delete on seen_services to dora_writer;
"""
APPLY = """-- Keep each service that was deployed, and when it was last.
insert into seen_services (service_id, seen_at)
select service_id, max(cd_timestamp)
from stg_given(:sources::text[], :ids::text[])
where cd_subject = 'service'
group by service_id
on conflict (service_id) do update set
    seen_at = greatest(seen_services.seen_at, excluded.seen_at);
"""


@pytest.fixture
def copy(data_folder: Path) -> Iterator[Path]:
    """A copy of what the stack is made of."""
    copied = Path(tempfile.mkdtemp(dir=data_folder))
    copied.chmod(0o755)
    for folder in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(REPOSITORY / folder, copied / folder, ignore=ignored)
    yield copied
    shutil.rmtree(copied)


def made(copy: Path, template: str, folder: str, name: str, new: str) -> None:
    """Copy a template, and put a name in the place of the template's."""
    target = copy / "functions" / folder / new
    shutil.copytree(copy / "templates" / "python" / template, target)
    for file in target.iterdir():
        file.write_text(file.read_text().replace(name, new))


@contextmanager
def running(copy: Path) -> Iterator[Settings]:
    """Run the copy's own stack, as `make run` does."""
    ports = {name: free_port() for name in PORTS}
    variables = {f"DORA_{name.upper()}": str(port) for name, port in ports.items()}
    paths = os.pathsep.join([str(copy), str(copy / "lib")])
    settings = {"DORA_DATA": str(copy / "data"), "DORA_DEMO": "0", "PYTHONPATH": paths}
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=copy,
        env=clean_environment() | variables | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout
        told = []
        while not (line := process.stdout.readline()).startswith("stop"):
            told.append(line)
            assert line, f"the stack has not started: {told}"
        yield Settings(**ports, data=copy / "data", demo=False)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)


def send(stack: Settings, *events: dict[str, Any]) -> None:
    """Send events to the Broker, and wait until nothing is under way any more."""
    url = f"http://127.0.0.1:{stack.broker_port}{BROKER_PATH}"
    headers = {"content-type": "application/cloudevents+json"}
    for event in events:
        assert (
            requests.post(url, json=event, headers=headers, timeout=PATIENCE_SECONDS).status_code
            == 202
        )
    wait_until_quiet(stack.broker_port, PATIENCE_SECONDS)


def rows(stack: Settings, sql: str) -> list[list[Any]]:
    return Postgresql(stack.data / "postgresql", stack.postgres_port).run(DATABASE, sql)


def test_a_source_of_ones_own_is_three_files(copy: Path) -> None:
    made(copy, "transformer", "transformers", "my-source", "shipyard")
    text = BLOCKS["yaml"].replace("my-source", "shipyard")
    (copy / "triggers" / "shipyard-transformer.yaml").write_text(text)
    example = json.loads(BLOCKS["json"].replace("my-source", "shipyard"))
    failed = example | {"id": "2", "data": example["data"] | {"id": "f", "status": "failure"}}

    with running(copy) as stack:
        send(stack, example, failed, example | {"id": "3"})
        url = f"http://127.0.0.1:{stack.metrics_port}/deploy-frequency/day"
        answer = requests.get(url, timeout=PATIENCE_SECONDS).json()
        kept = rows(stack, "select cd_type, cd_subject_id, content from cdevents_raw")
        letters = rows(stack, "select * from dead_letters")

    [[kind, service, content]] = kept
    assert (kind, service) == ("dev.cdevents.service.deployed.0.3.0", "shop")
    assert content["customData"] == {"dora": {"commit": example["data"]["commit"]}}
    assert answer == [{"DeployName": "shop", "Deployments": 1, "Time": "2026-03-02T00:00:00Z"}]
    assert letters == []


def test_a_new_metric_follows_the_log_and_catches_up_with_all_of_it(copy: Path) -> None:
    made(copy, "metric", "metrics", "my-metric", "seen-services")
    text = (copy / "triggers" / "change-failure-rate.yaml").read_text()
    text = text.replace("change-failure-rate", "seen-services")
    (copy / "triggers" / "seen-services.yaml").write_text(text)
    (copy / "sql" / "schema" / "90_seen_services.sql").write_text(TABLE)
    (copy / "sql" / "metrics" / "seen-services").mkdir()
    (copy / "sql" / "metrics" / "seen-services" / "apply.sql").write_text(APPLY)
    seen = "select service_id from seen_services"

    with running(copy) as stack:
        send(stack, carried(cdevent()))
        live = rows(stack, seen)
        rows(stack, "delete from processed_events; truncate seen_services")
        send(stack, cloudevent(catchup="true"))
        caught_up = rows(stack, seen)

    assert live == caught_up == [["shop"]]
