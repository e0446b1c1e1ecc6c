"""What `make run` brings, so that there is something to see."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from local.demo import history, removal, sending
from local.demo.working_hours import is_working_day
from local.events import send_recorded
from local.summary import METRICS, table
from tests.local.conftest import RunningStack
from tests.tables import EMPTY

NOW = datetime.now(UTC)
# What every table holds, but for where in the log it stands and when it came; locks hold nothing.
TABLES = """select relname from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace
    and relname not in ('processed_events', 'applied_events', 'catalog_state', 'locks')"""
ROWS = """select to_jsonb(row) - '{seq,recorded_at,received_at,event_id}'::text[] as content
from %s as row order by 1"""


TEAMS = "team=demo-storefront&team=demo-payments&team=demo-platform"
Before = dict[str, list[Any]]


def contents(running: RunningStack) -> Before:
    return {name: running.rows(ROWS % name) for [name] in running.rows(TABLES)}


@pytest.fixture(scope="module")
def before(started_stack: RunningStack) -> Before:
    """What a stack holds in which others' services were deployed, and then the demo came."""
    started_stack.settle()
    started_stack.rows(EMPTY)
    send_recorded(started_stack.stack.broker_url)
    sending.catch_up(started_stack.stack)
    found = contents(started_stack)
    sending.send(started_stack.stack, NOW)
    return found


@pytest.fixture
def demo(started_stack: RunningStack, before: Before) -> RunningStack:
    """A stack with the demo, beside what others sent."""
    assert before
    return started_stack


def summary(running: RunningStack, **asked: str) -> dict[str, dict[str, Any]]:
    answer = requests.get(f"{running.stack.metrics_url}/summary", asked, timeout=30).json()
    return {service["service"]: service["metrics"] for service in answer["services"]}


def test_a_day_is_the_same_whenever_it_is_reckoned() -> None:
    today, later = history.reports(NOW), history.reports(NOW + timedelta(days=9))

    then = {report.id: report for report in later}
    begin = min(report.when for report in later)
    assert all(then[report.id] == report for report in today if report.when >= begin)
    assert len({report.id for report in today}) == len(today)


@pytest.mark.parametrize("ahead", [1, 3, 40, 200])
def test_it_never_ages(ahead: int) -> None:
    now = NOW + timedelta(days=ahead)

    found = history.reports(now)

    assert now - timedelta(days=4) < found[-1].when <= now
    assert now - timedelta(days=history.DAYS) < found[0].when < now - timedelta(days=170)


def test_weekends_are_quiet() -> None:
    pushes = [report for report in history.reports(NOW) if report.kind == "push"]

    assert [push for push in pushes if not is_working_day(push.when.date())] == []


@pytest.mark.long
def test_every_report_is_taken(demo: RunningStack) -> None:
    assert demo.rows("select reason from dead_letters") == []


@pytest.mark.long
def test_all_five_metrics_have_a_value_and_a_level_or_a_reason(demo: RunningStack) -> None:
    shop, checkout = (summary(demo)[name] for name in ("demo-shop", "demo-checkout"))

    assert [checkout[name]["level"] is None for name in METRICS] == [False] * 4 + [True]
    assert all(checkout[name]["value"] for name in METRICS)
    assert 0.05 < checkout["change-failure-rate"]["value"] < 0.25
    assert 900 < checkout["failed-deployment-recovery-time"]["value"] < 3 * 3600
    assert shop["deployment-frequency"]["level"] == "elite"
    assert 3600 < shop["lead-time-for-changes"]["value"] < 86400


@pytest.mark.long
def test_each_card_has_the_span_before_to_be_compared_with(demo: RunningStack) -> None:
    shown = demo.ask(f"/overview?{TEAMS}")

    before = {name: metric["previous"]["change"] for name, metric in shown["metrics"].items()}
    assert None not in before.values()
    assert len(before) == len(METRICS)


@pytest.mark.long
def test_the_last_working_day_looks_like_a_day(demo: RunningStack) -> None:
    days = demo.ask(f"/overview?{TEAMS}")["timeline"]["buckets"]

    *earlier, last = [day["deployments"] for day in days if day["deployments"] > 1]
    assert last <= max(earlier)
    assert sum(earlier) / len(earlier) < 8


@pytest.mark.long
def test_services_show_what_teams_ask_about(demo: RunningStack) -> None:
    found = summary(demo)

    assert found["demo-ledger"]["deployment-frequency"]["frequency"] == "monthly"
    assert found["demo-ledger"]["change-failure-rate"]["unattributed"] > 0
    assert found["demo-proxy"]["lead-time-for-changes"]["value"] is None
    assert found["demo-proxy"]["lead-time-for-changes"]["unlinked"] > 5
    assert "at least 7 covered days" in found["demo-worker"]["deployment-frequency"]["reason"]


@pytest.mark.long
def test_a_monorepo_ships_to_each_service_its_own(demo: RunningStack) -> None:
    touched = demo.rows(
        "select distinct split_part(path, '/', 1), shipped.service_id"
        " from shipped_changes as shipped"
        " inner join change_commits as change using (sha), unnest(change.paths) as path"
        " where shipped.service_id in ('demo-search', 'demo-recommendations')"
    )

    assert sorted(touched) == [
        ["recommendations", "demo-recommendations"],
        ["search", "demo-search"],
    ]


@pytest.mark.long
def test_a_release_in_two_regions_is_one_deployment(demo: RunningStack) -> None:
    [[rollouts, deployments]] = demo.rows(
        "select count(*), count(distinct (deploy_source, deploy_id)) from timeline"
        " where service_id = 'demo-gateway' and deploy_id is not null"
    )

    assert deployments < rollouts <= 2 * deployments


@pytest.mark.long
def test_the_last_working_day_comes_by_the_front_doors(demo: RunningStack) -> None:
    tools = {kind for [kind] in demo.rows("select ce_type from cloudevents_raw")}

    assert "dev.knative.apiserver.resource.update" in tools
    assert any("github" in kind for kind in tools)


@pytest.mark.long
def test_every_service_has_a_team(demo: RunningStack) -> None:
    services = demo.ask("/services?limit=1000")["services"]

    assert {one["team"] for one in services if one["service"].startswith("demo-")} == {
        "demo-payments",
        "demo-platform",
        "demo-storefront",
    }


@pytest.mark.long
def test_sent_again_it_changes_nothing(demo: RunningStack) -> None:
    before = contents(demo)

    sending.send(demo.stack, NOW)

    assert contents(demo) == before


@pytest.mark.long
def test_the_table_has_a_line_for_each_service(demo: RunningStack) -> None:
    head, *lines = table(demo.ask("/summary")["services"])

    assert head.split()[0] == "service"
    assert len(lines) == len(summary(demo)) > 10
    assert any("(elite)" in line for line in lines)


@pytest.mark.long
def test_forgotten_it_leaves_what_was_there_as_it_was(
    demo: RunningStack, before: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A command of its own, which tells its process once which database is meant.
    monkeypatch.setattr(os, "environ", dict(os.environ))

    forgotten = removal.remove(demo.stack.settings, demo.stack.postgresql)

    assert forgotten > 1500
    assert contents(demo) == before
