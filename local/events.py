"""The recorded events, and sending them as a source would."""

from __future__ import annotations

import time
from pathlib import Path

import requests

from local.manifests import read_manifests, read_ping_source

REPOSITORY = Path(__file__).parents[1]
RECORDED = REPOSITORY / "tests" / "data" / "kubernetes-rollouts.jsonl"
TICKS = REPOSITORY / "sources" / "catch-up.yaml"
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


def send_tick(broker_url: str) -> None:
    """Send what the PingSource sends every minute, so that the metrics catch up now."""
    [manifest] = read_manifests([TICKS])["PingSource"]
    tick = read_ping_source(manifest).event()
    requests.post(
        broker_url, tick.data, headers=tick.headers(), timeout=QUIET_SECONDS
    ).raise_for_status()


def wait_until_quiet(broker_port: int, seconds: float = QUIET_SECONDS) -> None:
    """Wait until the Broker stand-in has nothing under way any more."""
    deadline = time.monotonic() + seconds
    while requests.get(f"http://127.0.0.1:{broker_port}/", timeout=seconds).json()["pending"]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the Broker is still busy after {seconds} s")
        time.sleep(0.02)
