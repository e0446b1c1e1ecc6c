"""The alerts of monitoring/, as Prometheus' own tool evaluates them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[1] / "monitoring"
RULES = yaml.safe_load((FOLDER / "prometheus-rule.yaml").read_text())["spec"]
ALERTS = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"]}
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(not PROMTOOL, reason="there is no promtool")
WELL = {
    "dora_dead_letters_open": "0x1000",
    'dora_metric_lag_seconds{metric="deployment-frequency"}': "20x1000",
    'dora_events_total{source="/a", outcome="refused"}': "3x1000",
    'dora_events_total{source="/a", outcome="unknown"}': "1x1000",
    'dora_events_total{source="/a", outcome="kept"}': "0+0.1x1000",
    'dora_last_event_age_seconds{source="/a"}': "600x1000",
}
# What an alert is about: series that differ from those of a day on which all is well, and the minute
# at which it has to be firing.
WRONG = {
    "DoraMetricsAway": ({"dora_dead_letters_open": "0x10 stale"}, 60),
    "DoraMetricBehind": (
        {'dora_metric_lag_seconds{metric="deployment-frequency"}': "0+60x100"},
        60,
    ),
    "DoraEventsRefused": ({'dora_events_total{source="/a", outcome="refused"}': "3x20 4x100"}, 40),
    "DoraUnknownShape": ({'dora_events_total{source="/a", outcome="unknown"}': "1x20 2x100"}, 40),
    "DoraSourceSilent": (
        {
            'dora_events_total{source="/a", outcome="kept"}': "0+6x200 1200x300",
            'dora_last_event_age_seconds{source="/a"}': "600x200 600+3600x300",
        },
        300 * 60,
    ),
}


def promtool(folder: Path, command: str, content: dict[str, Any]) -> str:
    """Run promtool's command with a file; return what it says where it fails."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(RULES))
    (folder / "input.yaml").write_text(yaml.safe_dump(content))
    done = subprocess.run(
        [str(PROMTOOL), command, "rules", "input.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def firing(folder: Path, alert: str, series: dict[str, str], minute: int) -> bool:
    """Return whether an alert fires at a minute, whatever it says; a later one is of series by hour."""
    interval = "1h" if minute > 24 * 60 else "1m"
    asked = {"eval_time": f"{minute}m", "alertname": alert, "exp_alerts": []}
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    tests = [{"interval": interval, "input_series": inputs, "alert_rule_test": [asked]}]
    said = promtool(
        folder,
        "test",
        {"rule_files": ["rules.yaml"], "evaluation_interval": interval, "tests": tests},
    )
    assert not said or "exp:[" in re.sub(r"\s", "", said), said
    return bool(said)


@needs_promtool
def test_the_rules_are_valid(tmp_path: Path) -> None:
    assert promtool(tmp_path, "check", RULES) == ""


@needs_promtool
@pytest.mark.parametrize("alert", WRONG)
def test_an_alert_fires_when_it_is_so_and_not_when_all_is_well(tmp_path: Path, alert: str) -> None:
    wrong, minute = WRONG[alert]

    assert firing(tmp_path, alert, WELL | wrong, minute)
    assert not firing(tmp_path, alert, WELL, minute)


def test_every_alert_is_tried_and_says_what_to_do() -> None:
    assert set(WRONG) == set(ALERTS)
    for rule in ALERTS.values():
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["labels"]["severity"] in ("critical", "warning")


def test_alerts_are_about_series_that_there_are() -> None:
    code = (FOLDER.parent / "lib" / "dora" / "questions" / "prometheus.py").read_text()
    used = {name for rule in ALERTS.values() for name in re.findall(r"dora_\w+", rule["expr"])}

    assert all(f'"{name.removesuffix("_total")}"' in code for name in used)
