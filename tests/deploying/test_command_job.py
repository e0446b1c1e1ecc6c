"""The Job in docs/operating.md: what it runs, and by which rights."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.functions import all_functions
from local.processes import clean_environment
from scripts.copy_functions import REPOSITORY, copy_function
from tests.conftest import Database

pytestmark = pytest.mark.long

LAUNCHER = ["/cnb/lifecycle/launcher", "--"]


@pytest.fixture
def container_of_job() -> dict[str, Any]:
    page = (REPOSITORY / "docs" / "operating.md").read_text()
    [manifest] = re.findall(r"<<END\n(.*?)^END$", page, re.DOTALL | re.MULTILINE)
    pod = yaml.safe_load(manifest)["spec"]["template"]["spec"]
    made: dict[str, Any] = pod["containers"][0]
    return made


def test_the_job_rebuilds_in_a_metrics_folder(
    container_of_job: dict[str, Any], tmp_path: Path, container: Path, database: Database
) -> None:
    command = container_of_job["command"]
    assert command[:2] == LAUNCHER
    copy_function("metrics/deployment-frequency", tmp_path, "dora-cloudevents")

    done = subprocess.run(
        [container / command[2], *command[3:]],
        cwd=tmp_path,
        env=clean_environment() | database.environment,
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1].startswith("all: rebuilt in ")


def test_the_job_finds_the_database_as_metrics_do(container_of_job: dict[str, Any]) -> None:
    [metric] = [one for one in all_functions() if one.name == "deployment-frequency"]
    entries = metric.definition["run"]["envs"]
    password = next(one["value"] for one in entries if one.get("name") == "PGPASSWORD")
    [reference] = [one for one in container_of_job["env"] if one["name"] == "PGPASSWORD"]
    secret = reference["valueFrom"]["secretKeyRef"]
    [settings] = container_of_job["envFrom"]

    assert password == f"{{{{ secret:{secret['name']}:{secret['key']} }}}}"
    assert {"value": f"{{{{ configMap:{settings['configMapRef']['name']} }}}}"} in entries
