"""What `func create -t dora/…` makes, completed by `make complete`: it runs, as a function of ours does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from local.processes import Program, answers, clean_environment, free_port
from scripts.copy_functions import REPOSITORY
from tests.events import cloudevent
from tests.waiting import PATIENCE_SECONDS

MAKE = shutil.which("make") or "make"
TEMPLATES = REPOSITORY / "templates" / "python"
DEPLOYED = cloudevent(
    type="com.example.my-source.deployed",
    data={
        "id": "7",
        "status": "success",
        "finishedAt": "2026-01-01T00:00:00Z",
        "service": "shop",
        "environment": "production",
        "image": "ghcr.io/acme/shop:1",
    },
)


def _create(template: str, folder: Path) -> dict[str, Any]:
    """Do what func 1.23 does: copy the template, and write a func.yaml of manifest.yaml's words."""
    shutil.copytree(TEMPLATES / template, folder)
    (folder / "manifest.yaml").unlink()
    said = yaml.safe_load((TEMPLATES / template / "manifest.yaml").read_text())
    definition = {
        "specVersion": "0.36.0",
        "name": folder.name,
        "runtime": "python",
        "created": "2026-11-24T00:00:00Z",
        "invoke": said["invoke"],
        "build": {"buildEnvs": said["buildEnvs"]},
        "run": {"envs": said["runEnvs"]},
    }
    (folder / "func.yaml").write_text(yaml.safe_dump(definition))
    return definition


def _complete(folder: Path | str) -> subprocess.CompletedProcess[str]:
    arguments = ["INSTALLED=", f"BIN={Path(sys.executable).parent}", f"FOLDER={folder}"]
    return subprocess.run(
        [MAKE, "complete", *arguments],
        cwd=REPOSITORY,
        env=clean_environment(),
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.mark.parametrize("template", ["transformer", "metric"])
def test_labels_scale_and_environment_are_the_templates(tmp_path: Path, template: str) -> None:
    created = _create(template, tmp_path / "octopus")

    done = _complete(tmp_path / "octopus")

    assert done.returncode == 0, done.stderr
    made = yaml.safe_load((tmp_path / "octopus" / "func.yaml").read_text())
    wanted = yaml.safe_load((TEMPLATES / template / "func.yaml").read_text())
    assert made["deploy"] == {key: wanted["deploy"][key] for key in ("labels", "options")}
    assert made["run"] == created["run"] | wanted["run"]
    assert (made["name"], made["build"]) == ("octopus", created["build"])


def test_what_somebody_said_stays_when_it_is_done_again(tmp_path: Path) -> None:
    _create("transformer", tmp_path / "octopus")
    _complete(tmp_path / "octopus")
    file = tmp_path / "octopus" / "func.yaml"
    said = yaml.safe_load(file.read_text())
    said["deploy"]["options"]["scale"]["max"] = 9
    file.write_text(yaml.safe_dump(said))

    _complete(tmp_path / "octopus")

    assert yaml.safe_load(file.read_text()) == said


def test_the_folder_runs_and_answers_with_a_cdevent(tmp_path: Path) -> None:
    folder = tmp_path / "octopus"
    _create("transformer", folder)
    _complete(folder)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    port = free_port()
    settings = {"PATH": path, "PORT": str(port), "ADDRESS": "127.0.0.1"}
    program = Program("octopus", ["/bin/sh", str(folder / "app.sh")], settings, tmp_path / "log")

    program.start()
    try:
        address = f"http://127.0.0.1:{port}"
        program.wait_until(partial(answers, f"{address}/health/readiness"))
        headers = {"content-type": "application/cloudevents+json"}
        answer = requests.post(address, json=DEPLOYED, headers=headers, timeout=PATIENCE_SECONDS)
    finally:
        program.stop()

    assert answer.status_code == 200, answer.text
    assert answer.json()["type"].startswith("dev.cdevents.service.deployed.")
    assert (folder / "dora" / "function.py").is_file()


@pytest.mark.parametrize("folder", ["", "/nowhere"])
def test_a_folder_that_func_has_not_made_is_refused(folder: str) -> None:
    done = _complete(folder)

    assert done.returncode
    assert "expected FOLDER to be what `func create` made" in done.stderr
