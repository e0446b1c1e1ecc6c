"""Each function's folder by itself, as a buildpack takes it: its requirements, its `app.sh`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml

from local.functions import REPOSITORY, Function, all_functions, url
from local.processes import Program, answers, clean_environment, free_port
from scripts.copy_functions import copy_function
from tests.conftest import Database
from tests.waiting import PATIENCE_SECONDS, wait_until

METRICS = [function for function in all_functions() if function.path.startswith("metrics/")]
NAMESPACE = "dora-cloudevents"
TAG = sys.implementation.cache_tag


@pytest.fixture
def served(
    request: pytest.FixtureRequest, tmp_path: Path, container: Path, database: Database
) -> Iterator[str]:
    """A function served from its folder of `make functions`."""
    function: Function = request.param
    folder = tmp_path / function.name
    copy_function(function.path, folder, NAMESPACE)
    environment = clean_environment() | database.environment | function.environment
    environment |= {"PATH": f"{container}:/usr/bin:/bin", "ADDRESS": "127.0.0.1"}
    environment |= {"PORT": str(free_port())}
    program = Program(function.name, [str(folder / "app.sh")], environment, tmp_path / "log")
    program.start()
    program.wait_until(lambda: answers(f"{url(program)}/health/readiness"))
    yield url(program)
    program.stop()
    assert program.process
    assert program.process.returncode == 0


@pytest.mark.long
@pytest.mark.parametrize("served", all_functions(), ids=lambda each: each.name, indirect=True)
def test_a_function_serves_from_its_folder_alone(served: str) -> None:
    wait_until(lambda: answers(f"{served}/health/liveness"))


@pytest.mark.long
@pytest.mark.parametrize(
    "served",
    [one for one in all_functions() if one.name == "metrics-endpoint"],
    ids=lambda each: each.name,
    indirect=True,
)
def test_pages_and_their_files_are_in_the_folder(served: str) -> None:
    browser = {"accept": "text/html"}

    page = requests.get(served, headers=browser, timeout=PATIENCE_SECONDS)
    [style] = re.findall(r'href="\./(style\.css\?\w+)"', page.text)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert requests.get(f"{served}/{style}", timeout=PATIENCE_SECONDS).text.startswith("/*")


def run_command(
    folder: Path, container: Path, environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m dora` in a function's folder, with what functions require."""
    return subprocess.run(
        [container / "python", "-m", "dora", *arguments],
        cwd=folder,
        env=clean_environment() | environment,
        capture_output=True,
        check=False,
        text=True,
    )


def test_a_start_compiles_nothing_of_the_library(tmp_path: Path) -> None:
    copy_function(METRICS[0].path, tmp_path, NAMESPACE)
    environment = clean_environment() | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}

    command = [sys.executable, "-v", "-c", "import dora.serve, dora.event_log"]
    started = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, check=True, text=True
    )

    read = re.findall(rf"code object from '?{tmp_path}/(\S+?)'?$", started.stderr, re.MULTILINE)
    assert {Path(name).name for name in read} > {f"serve.{TAG}.pyc", f"event_log.{TAG}.pyc"}
    assert all(name.endswith(".pyc") for name in read)


def test_a_release_compiles_with_the_python_that_images_have() -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/release.yaml").read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    compiling = {
        step["with"]["python-version"] for step in steps if "python-version" in step.get("with", {})
    }
    in_images = {
        entry["value"].removesuffix(".*")
        for function in all_functions()
        for entry in function.definition["build"]["buildEnvs"]
        if entry["name"] == "BP_CPYTHON_VERSION"
    }

    assert compiling == in_images


@pytest.mark.long
@pytest.mark.parametrize("function", METRICS, ids=lambda each: each.name)
def test_a_metric_is_rebuilt_from_its_folder_alone(
    function: Function, tmp_path: Path, container: Path, database: Database
) -> None:
    copy_function(function.path, tmp_path, NAMESPACE)
    environment = database.environment | function.environment

    rebuilt = run_command(tmp_path, container, environment, "rebuild", function.name)

    assert rebuilt.returncode == 0, rebuilt.stderr
    assert f"{function.name}: rebuilt in " in rebuilt.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay", "--from", "2026-01-01", "--sink", "http://127.0.0.1:9"], "0 of 0 events, "),
        (["redrive", "--sink", "http://127.0.0.1:9"], "0 of 0 events, "),
        (["migrate"], "the database is up to date\n"),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)
def test_a_metrics_folder_has_what_other_commands_need(
    arguments: list[str], said: str, tmp_path: Path, container: Path, database: Database
) -> None:
    copy_function(METRICS[0].path, tmp_path, NAMESPACE)

    done = run_command(tmp_path, container, database.environment, *arguments)

    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(said)


@pytest.mark.parametrize("function", all_functions(), ids=lambda each: each.name)
def test_copying_a_function_again_changes_nothing(function: Function, tmp_path: Path) -> None:
    assert copy_function(function.path, tmp_path, NAMESPACE) > 0
    assert copy_function(function.path, tmp_path, NAMESPACE) == 0


def test_what_the_library_no_longer_has_is_removed_from_the_copy(tmp_path: Path) -> None:
    path = all_functions()[0].path
    copy_function(path, tmp_path, NAMESPACE)
    (tmp_path / "dora" / "gone.py").touch()

    assert copy_function(path, tmp_path, NAMESPACE) == 1
    assert not (tmp_path / "dora" / "gone.py").exists()


def test_what_func_writes_stays_until_the_namespace_is_another(tmp_path: Path) -> None:
    path, folder = all_functions()[0].path, tmp_path / "function"
    copy_function(path, folder, NAMESPACE)
    definition = folder / "func.yaml"
    definition.write_text(f"{definition.read_text()}image: registry.example/one\n")

    assert copy_function(path, folder, NAMESPACE) == 0
    assert yaml.safe_load(definition.read_text())["image"] == "registry.example/one"
    assert copy_function(path, folder, "elsewhere") == 1
    assert yaml.safe_load(definition.read_text())["namespace"] == "elsewhere"
    assert "image" not in yaml.safe_load(definition.read_text())
