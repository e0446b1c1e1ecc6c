"""Functions served by func-python, the successor of parliament, answer as they do now."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from local.functions import url
from local.processes import Program, answers, clean_environment, free_port
from scripts.copy_functions import SHARED, copy_function
from tests.conftest import FUNCTIONS, Database
from tests.events import cloudevent
from tests.functions.test_transformers import FOLDER
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.long

SUCCESSOR = "func-python==0.8.1"
# What parliament brought, and what it asks for of another version.
REPLACED = ("parliament-functions", "cloudevents")
BROUGHT = ("Flask", "Werkzeug")
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


@pytest.fixture(scope="module")
def successor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with func-python, cloudevents 2 and what the functions require, without parliament."""
    folder = tmp_path_factory.mktemp("successor")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pins = (SHARED / "constraints.txt").read_text().splitlines()
    needed = [pin for pin in pins if pin.partition("==")[0] not in REPLACED]
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", SUCCESSOR, *needed]
    subprocess.run(pip, check=True)
    return folder / "bin"


def answered(
    name: str, python: Path, folder: Path, environment: dict[str, str], closing: ExitStack
) -> list[tuple[int, str, object]]:
    """Serve a function, and return its answers to what is right, wrong, and none of its own."""
    copy_function(FUNCTIONS[name].path, folder / name, "dora-cloudevents")
    environment = clean_environment() | FUNCTIONS[name].environment | environment
    environment |= {"PATH": f"{python}:/usr/bin:/bin", "ADDRESS": "127.0.0.1"}
    environment |= {"PORT": str(free_port())}
    program = Program(name, [str(folder / name / "app.sh")], environment, folder / "log")
    closing.callback(program.stop)
    program.start()
    program.wait_until(lambda: answers(f"{url(program)}/health/readiness"))
    inputs = [file.read_text() for file in sorted((FOLDER / name / "inputs").glob("*.json"))]
    inputs += [json.dumps(cloudevent(id="one")), "{", "{}", "x" * 1_100_000]
    sent = [(STRUCTURED, body) for body in inputs]
    sent += [(BATCH, json.dumps([cloudevent(id="two"), {}]))]
    found = []
    for content_type, body in sent:
        headers = {"content-type": content_type}
        got = requests.post(url(program), body, headers=headers, timeout=PATIENCE_SECONDS)
        text = got.json() if "json" in got.headers.get("content-type", "") else got.text
        found.append((got.status_code, got.headers.get("content-type", ""), text))
    return found


@pytest.mark.parametrize("name", ["harbor-transformer", "cloudevents-endpoint"])
def test_a_function_answers_alike(
    name: str, successor: Path, tmp_path: Path, database: Database
) -> None:
    with ExitStack() as closing:
        told = {"SERVER": "func-python"}
        now, then = tmp_path / "now", tmp_path / "then"
        for folder in (now, then):
            folder.mkdir()
        as_now = answered(name, Path(sys.executable).parent, now, database.environment, closing)
        as_then = answered(name, successor, then, database.environment | told, closing)

    assert as_then == as_now
    assert {status for status, _, _ in as_now} > {400, 413}
