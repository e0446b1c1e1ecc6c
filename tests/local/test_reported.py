"""What `dora report` says became of an event, through the whole stack."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Commands
from tests.local.conftest import SECRET, RunningStack

DEPLOYMENT = ("report", "deployment", "--service", "cart", "--environment", "production")
INCIDENT = ("report", "incident", "cart-is-down", "--service", "cart")


@pytest.fixture
def commands(running: RunningStack) -> Commands:
    webhooks = f"http://127.0.0.1:{running.stack.settings.webhooks_port}"
    return Commands(
        {
            "DORA_URL": running.stack.metrics_url,
            "DORA_WEBHOOKS_URL": webhooks,
            "DORA_TOKEN": SECRET,
        }
    )


def test_what_became_of_a_deployment_is_awaited_and_said(commands: Commands) -> None:
    first = commands.run(*DEPLOYMENT, "--artifact", "cart:1", "--time", "2026-03-02T10:00:00Z")
    again = commands.run(
        *DEPLOYMENT, "--artifact", "cart:1", "--time", "2026-03-02T11:00:00Z", "--wait", "2"
    )

    assert (first.returncode, again.returncode) == (0, 0)
    assert first.stdout.startswith("a deployment of cart in production; `dora changes")
    assert again.stdout.startswith(
        "no deployment of its own: cart runs this version in production since 2026-03-02 10:00Z ("
    )


def test_what_became_of_an_incident_and_of_its_end_is_said(commands: Commands) -> None:
    commands.run(*DEPLOYMENT, "--artifact", "cart:1", "--time", "2026-03-02T10:00:00Z")
    detected = commands.run(*INCIDENT, "--time", "2026-03-02T10:30:00Z")
    resolved = commands.run(*INCIDENT, "--resolved", "--time", "2026-03-02T11:30:00Z")

    assert detected.stdout.startswith("an incident, open, that belongs to deployment ")
    assert resolved.stdout.startswith("an incident, resolved 2026-03-02 11:30Z, that belongs to ")


def test_a_change_is_accepted_until_a_deployment_ships_it(commands: Commands) -> None:
    reported = commands.run("report", "change", "--repository", "https://example.com/cart")

    assert (reported.returncode, reported.stdout) == (
        0,
        "accepted; it is listed among the changes once a deployment ships it\n",
    )
