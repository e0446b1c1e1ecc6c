"""The recorded events, and sending them as a source would."""

from __future__ import annotations

import time
from pathlib import Path

import requests

RECORDED = Path(__file__).parents[1] / "tests" / "data" / "kubernetes-rollouts.jsonl"
QUIET_SECONDS = 60
STRUCTURED = {"content-type": "application/cloudevents+json"}


def recorded_events() -> list[str]:
    """Return the recorded events of Kubernetes rollouts, each as JSON, in the order of arrival."""
    return RECORDED.read_text().splitlines()


def send_recorded(broker_url: str) -> int:
    """Send the recorded events; return how many they are."""
    events = recorded_events()
    with requests.Session() as session:
        for event in events:
            session.post(broker_url, event, headers=STRUCTURED, timeout=30).raise_for_status()
    return len(events)


def wait_until_quiet(broker_port: int, seconds: float = QUIET_SECONDS) -> None:
    """Wait until the Broker stand-in has nothing under way any more."""
    deadline = time.monotonic() + seconds
    while requests.get(f"http://127.0.0.1:{broker_port}/", timeout=seconds).json()["pending"]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the Broker is still busy after {seconds} s")
        time.sleep(0.02)
