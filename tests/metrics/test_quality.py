"""What came from each source and what is wrong, as /sources and /quality answer it."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dora.function import UNKNOWN
from dora.questions.problems import CORRECT, KINDS
from dora.questions.problems import problem as problem_in_words
from local.postgresql import SQL
from tests.conftest import Database, Functions
from tests.events import carried, cdevent, cloudevent
from tests.metrics.conftest import FOUR_WEEKS, METRICS, Answers, Report
from tests.metrics.happenings import DAY, deployed, incident, merged

TODAY = datetime.now(UTC).strftime("%Y-%m-%d")


@pytest.fixture
def arrived(database: Database, function: Functions) -> Functions:
    """Two pushes and an unknown shape of one source, a CDEvent of it, a dead letter of another."""
    assert database
    for number, kind in enumerate(("push", "push", UNKNOWN)):
        data = {"because": "expected build.phase, got none"}
        event = cloudevent(id=str(number), source="/shop", type=kind, data=data)
        for _ in range(2):  # again is no other event
            assert function("cloudevents-endpoint").post(event).status_code == 204
    assert function("cdevents-endpoint").post(carried(cdevent(source="/shop"))).status_code == 200
    for _ in range(3):
        letter = cloudevent(source="/cart", knativeerrorcode="422", knativeerrordata="bm8=")
        letter |= {"knativeerrordest": "http://broken"}
        assert function("dead-letters-endpoint").post(letter).status_code == 204
    return function


def ask(function: Functions, path: str, **asked: Any) -> dict[str, Any]:
    answer = function("metrics-endpoint").get(path, **asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.data)
    return found


def problems(answers: Answers, kind: str, **asked: Any) -> list[dict[str, Any]]:
    """Return the problems of a kind, of the four weeks in which things happen."""
    answer = answers.ask("/quality", **asked)
    found = [each for each in answer["problems"] if each["kind"] == kind]
    assert answer["counts"][kind] == len(found)
    return found


def test_each_source_has_its_events_a_day_its_cdevents_and_its_refusals(
    arrived: Functions,
) -> None:
    cart, shop = ask(arrived, "/sources")["sources"]

    assert (shop["source"], shop["cdevents"], shop["refusals"]) == ("/shop", 1, 0)
    assert shop["days"] == [
        {"type": UNKNOWN, "day": TODAY, "events": 1},
        {"type": "push", "day": TODAY, "events": 2},
    ]
    assert (shop["events"], shop["unknown"]) == (3, 1)
    assert shop["last_at"].startswith(TODAY)
    assert (cart["source"], cart["days"], cart["cdevents"]) == ("/cart", [], 0)
    assert (cart["refusals"], cart["last_refusal"]) == (3, "no")


def test_it_is_of_what_arrived_in_the_span(arrived: Functions) -> None:
    assert ask(arrived, "/sources", **{"from": "2020-01-01", "to": "2020-02-01"})["sources"] == []


def test_it_comes_a_page_at_a_time(arrived: Functions) -> None:
    first = ask(arrived, "/sources", limit=1)
    second = ask(arrived, "/sources", limit=1, cursor=first["next"])

    assert [row["source"] for row in first["sources"] + second["sources"]] == ["/cart", "/shop"]
    assert second["next"] is None


def test_the_sources_are_in_the_answer_about_the_quality(arrived: Functions) -> None:
    assert ask(arrived, "/quality")["sources"] == ask(arrived, "/sources")["sources"]


def test_dead_letters_have_their_reason_an_example_and_the_command(arrived: Functions) -> None:
    answer = ask(arrived, "/quality")
    [problem] = [each for each in answer["problems"] if each["kind"] == "dead_letters"]
    [reason] = answer["dead_letters"]["reasons"]

    assert (answer["dead_letters"]["open"], reason["count"], reason["reason"]) == (1, 1, "no")
    assert (reason["example"]["source"], reason["destination"]) == ("/cart", "http://broken")
    assert reason["redrive"] == "python -m dora redrive --destination http://broken --reason no"
    assert problem["what"] == "1 event was refused by http://broken: no"
    assert reason["redrive"] in problem["mend"]
    assert problem["severity"] == "error"


def test_the_command_of_a_hostile_reason_is_one_line_and_names_that_reason(
    arrived: Functions, database: Database
) -> None:
    hostile = "x'; rm -rf / #\n\x1b[31m \u202e" + "long " * 100
    database.rows("update dead_letters set reason = :reason", reason=hostile)

    answer = ask(arrived, "/quality")
    [reason] = answer["dead_letters"]["reasons"]
    command = shlex.split(reason["redrive"])
    pattern = command[command.index("--reason") + 1]

    assert not re.search(r"[\x00-\x1f\x7f]", reason["redrive"])
    assert len(command) == 8
    assert re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), hostile, re.DOTALL)


def test_a_shape_that_nobody_knows_is_a_problem_with_the_reason(arrived: Functions) -> None:
    answer = ask(arrived, "/quality")
    [problem] = [each for each in answer["problems"] if each["kind"] == "unknown_shapes"]

    assert (problem["source"], problem["count"]) == ("/shop", 1)
    assert "expected build.phase, got none" in problem["what"]
    assert "python -m dora replay --from" in problem["mend"]


def test_what_is_wrong_comes_before_what_is_missing(arrived: Functions) -> None:
    severities = [each["severity"] for each in ask(arrived, "/quality")["problems"]]

    assert severities == sorted(severities)  # error, warning


def test_a_clock_that_is_ahead_is_a_problem_of_its_source(
    database: Database, function: Functions
) -> None:
    assert database
    for name, minutes in (("a", 90), ("b", -5)):
        time = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
        event = cdevent(id=name, source="/ahead", time=time)
        assert function("cdevents-endpoint").post(carried(event)).status_code == 200

    answer = ask(function, "/quality")
    [problem] = [each for each in answer["problems"] if each["kind"] == "clocks_ahead"]

    assert (problem["source"], problem["count"]) == ("/ahead", 1)
    assert "by up to 90 minutes" in problem["what"]
    assert answer["sources"][0]["events_ahead"] == 1


def test_a_metric_says_how_far_it_is_behind(
    arrived: Functions, database: Database, report: Report
) -> None:
    waiting = {each["metric"]: each["lag_seconds"] for each in ask(arrived, "/quality")["metrics"]}
    database.rows("update cdevents_raw set recorded_at = recorded_at - interval '1 hour'")
    late = ask(arrived, "/quality")
    caught_up = report(deployed("1", 0)).ask("/quality")

    assert sorted(waiting) == sorted(METRICS)
    assert all(0 < seconds < 300 for seconds in waiting.values())
    assert late["counts"]["behind"] == 5
    assert late["problems"][0]["what"].startswith("deployment-frequency is 60 minutes behind")
    assert {each["lag_seconds"] for each in caught_up["metrics"]} == {0}
    assert caught_up["counts"]["behind"] == 0


def test_deployments_that_wait_for_a_metric_make_it_late(
    report: Report, database: Database
) -> None:
    answers = report(deployed("1", 0))
    database.rows("""insert into stale_deployments (metric, deploy_source, deploy_id, stale_since)
        values ('change-failure-rate', '/tests', '1', now() - interval '2 hours')""")

    [problem] = problems(answers, "behind")

    assert problem["what"] == (
        "change-failure-rate is 120 minutes behind the log, 1 deployment waits"
    )


def test_an_environment_of_unknown_tier_is_mended_by_the_catalog(report: Report) -> None:
    answers = report(deployed("1", 0, environment="blue"), deployed("2", 60, environment="blue"))

    [problem] = problems(answers, "unknown_tier")

    assert (problem["service"], problem["count"]) == ("shop", 2)
    assert problem["mend"] == "Say it in the catalog: tiers: {blue: production}."
    assert problems(answers, "unknown_tier", **{"from": "2026-01-10"}) == []


def test_deployments_without_a_commit_and_of_unknown_commits_are_two_problems(
    report: Report,
) -> None:
    answers = report(
        merged("known", 0),
        deployed("1", 10),
        deployed("2", 20, service="cart", commit="nobody-knows"),
        deployed("3", 30, service="mail", commit="known"),
    )

    [without] = problems(answers, "without_commit")
    [unknown] = problems(answers, "unknown_commit")

    assert (without["service"], without["source"]) == ("shop", "/tests")
    assert unknown["service"] == "cart"
    assert "nobody-knows" in unknown["what"]


@pytest.mark.parametrize(
    ("parts", "mend"),
    [
        ({"service": None}, "python -m dora correct incident 1 --service NAME"),
        ({"service": "shop-api"}, "services: {NAME: {aliases: [shop-api]}}"),
        ({"environment": "blue-test"}, "environments: {blue-test: NAME}"),
    ],
)
def test_an_incident_without_a_deployment_says_what_would_give_it_one(
    report: Report, parts: dict[str, Any], mend: str
) -> None:
    answers = report(deployed("1", 0), incident("detected", 60, **parts))

    [problem] = problems(answers, "unattributed")

    assert mend in problem["mend"]
    assert problem["count"] == 1


def test_each_reason_of_an_incident_without_a_deployment_has_its_mend() -> None:
    text = (SQL / "staging" / "43_incident_deployment.sql").read_text()
    reasons = set(re.findall(r"(?:then|else)\s+'([^']+)'", text.partition("null, null, case")[2]))
    mends = KINDS["unattributed"].mend

    assert isinstance(mends, dict)
    assert reasons == set(mends) > {"it names no service"}
    assert mends["it names no service"] == CORRECT


def test_an_incident_that_nobody_closes_is_a_problem_after_30_days(report: Report) -> None:
    answers = report(deployed("1", 0), incident("detected", 60, subject="old one"))

    [problem] = problems(answers, "open_incidents", to="2026-03-01")

    assert (
        problem["what"]
        == "1 incident of shop is open for more than 30 days in /tests, \
old one for 54 days"
    )
    assert "python -m dora correct incident 'old one' --does-not-count" in problem["mend"]
    assert problems(answers, "open_incidents") == []


def test_a_name_that_two_repositories_report_is_a_collision(report: Report) -> None:
    answers = report(
        deployed("1", 0, repository="https://github.com/acme/api"),
        deployed("2", 60, repository="https://github.com/other/api"),
        deployed("3", 90, service="cart", repository="https://github.com/acme/cart"),
        deployed("4", 95, service="cart", repository="https://github.com/acme/cart"),
    )

    [problem] = problems(answers, "two_repositories")

    assert (problem["service"], problem["count"]) == ("shop", 2)
    assert "https://github.com/acme/api and https://github.com/other/api" in problem["what"]


def test_two_tools_that_report_the_same_rollouts_are_a_problem(report: Report) -> None:
    answers = report(
        deployed("1", 0, source="/github", artifact="pkg:oci/shop?tag=1"),
        deployed("2", 5, source="/cluster", uid="u", artifact="pkg:oci/mirror?tag=1"),
        deployed("3", 500, source="/github", artifact="pkg:oci/shop?tag=2"),
        deployed("4", 600, service="cart", source="/github"),
        deployed("5", 700, service="cart", source="/cluster", uid="v"),
    )

    [problem] = problems(answers, "two_tools")

    assert (problem["service"], problem["source"], problem["count"]) == ("shop", "/github", 1)
    assert "reported by /github and by /cluster: once" in problem["what"]


def test_pushes_that_no_deployment_shipped_are_a_problem_of_their_repository(
    report: Report,
) -> None:
    url = "https://github.com/acme/lost"
    answers = report(
        *(merged(f"l{n}", n, repository=url, defaultBranch="main") for n in range(25)),
        merged("s1", 0, repository="https://github.com/acme/shop", defaultBranch="main"),
        deployed("1", 60, commit="s1", repository="https://github.com/acme/shop"),
    )

    [problem] = problems(answers, "never_shipped", to="2026-03-01")

    assert problem["what"].startswith(f"None of the latest 20 pushes to {url}")
    assert url in problem["mend"]
    assert problems(answers, "never_shipped") == []


def test_a_service_without_a_source_of_incidents_is_a_problem(report: Report) -> None:
    alone = report(deployed("1", 0))
    [problem] = problems(alone, "no_incidents")
    known = report(incident("detected", 30))

    assert problem["service"] == "shop"
    assert problems(known, "no_incidents") == []


def test_a_catalog_that_cannot_be_read_is_a_problem(report: Report, catalog: Path) -> None:
    catalog.write_text("services: [")

    [problem] = problems(report(deployed("1", 0)), "catalog")

    assert "could not be read" in problem["what"]


def test_a_question_about_a_service_is_answered_about_it(
    arrived: Functions, report: Report
) -> None:
    assert ask(arrived, "/quality")["counts"]["dead_letters"] == 1
    answers = report(
        deployed("1", 0, environment="blue"),
        deployed("2", 0, environment="blue", service="cart"),
    )

    answer = answers.ask("/quality", service="cart")

    assert {each["service"] for each in answer["problems"]} == {"cart"}
    assert answer["counts"]["dead_letters"] == 0


def test_as_csv_it_is_the_problems(report: Report, function: Functions) -> None:
    answers = report(deployed("1", 0, environment="blue"), deployed("2", 3 * DAY))
    table = function("metrics-endpoint").get("/quality", **FOUR_WEEKS, format="csv").text

    rows = list(csv.DictReader(io.StringIO(table)))

    assert [row["what"] for row in rows] == [
        each["what"] for each in answers.ask("/quality")["problems"]
    ]
    assert len(rows) > 1


def test_of_many_problems_of_a_kind_the_worst_are_shown_and_all_are_counted(
    report: Report,
) -> None:
    answers = report(*(deployed(f"{n}", n, service=f"s{n}", environment="blue") for n in range(25)))

    answer = answers.ask("/quality")

    assert answer["counts"]["unknown_tier"] == 25
    assert len([each for each in answer["problems"] if each["kind"] == "unknown_tier"]) == 20


def test_names_in_sentences_are_one_short_line(report: Report) -> None:
    name = "evil\n\x1b[31m" + "x" * 240
    answers = report(deployed("1", 0, environment=name))

    [problem] = problems(answers, "unknown_tier")

    assert problem["what"].isprintable()
    assert len(problem["what"]) < 1000


class Named(dict[str, Any]):
    """A row in which everything is named, and of all there is one."""

    def __missing__(self, name: str) -> Any:
        return 1 if name in ("count", "minutes", "days") else "shop"


@pytest.mark.parametrize("kind", KINDS)
def test_of_one_a_problem_speaks_as_of_one(kind: str) -> None:
    said = problem_in_words(kind, Named(service="shop", source="/tests", count=1, why="because"))

    assert not re.search(r"\b1 \w+s\b", said["what"]), said["what"]
    assert not re.search(r"[{}#|]", said["what"])


def test_how_large_what_is_kept_is_stands_beside(arrived: Functions, database: Database) -> None:
    sizes = {each["kept_in"]: each["bytes"] for each in ask(arrived, "/quality")["sizes"]}

    assert sizes.keys() == {
        "cloudevents_raw",
        "cloudevents_replaced",
        "cdevents_raw",
        "cdevents_replaced",
        "dead_letters",
        "computed",
    }
    [[letters]] = database.rows("select pg_total_relation_size('dead_letters')")
    assert sizes["dead_letters"] == letters > 0
