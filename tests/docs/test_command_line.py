"""What docs/command-line.md shows is what happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from dora.commands.command_line import LISTED
from local.events import send_recorded
from local.processes import clean_environment
from tests.docs.test_readme import examples
from tests.local.conftest import SECRET, RunningStack

DOCUMENT = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()


def _run(running: RunningStack, command: str, folder: Path) -> str:
    settings = running.stack.settings
    for port, own in ((8090, settings.metrics_port), (8091, settings.webhooks_port)):
        command = command.replace(f"127.0.0.1:{port}", f"127.0.0.1:{own}")
    environment = clean_environment() | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
        "DORA_URL": running.stack.metrics_url,
    }
    done = subprocess.run(
        ["/bin/sh", "-euc", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )
    return done.stdout or done.stderr


def test_every_command_prints_what_the_page_says(running: RunningStack, tmp_path: Path) -> None:
    send_recorded(running.stack.broker_url)
    running.settle()

    shown = list(examples(DOCUMENT))

    assert SECRET in DOCUMENT
    assert len(shown) == 6
    for command, expected in shown:
        assert _run(running, command, tmp_path) == expected


def test_the_page_names_every_command() -> None:
    named = set(re.findall(r"`([a-z]+)`|dora ([a-z]+)", DOCUMENT))
    named = {name for pair in named for name in pair}

    assert set(LISTED) - named <= {
        "changes",
        "incidents",
        "services",
        "teams",
        "environments",
        "sources",
    }
