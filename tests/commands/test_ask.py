"""Questions on the command line, to a real metrics endpoint, on a real terminal."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from dora.commands.command_line import COMMANDS
from dora.questions.metrics import METRICS
from tests.commands.conftest import Commands, metrics_endpoint
from tests.conftest import Database, Functions
from tests.events import cdevent
from tests.metrics.conftest import FOUR_WEEKS, happen, modules_database

__all__ = ["modules_database"]
SPAN = ("--from", FOUR_WEEKS["from"], "--to", FOUR_WEEKS["to"])
OF_ONE = ("deployment", "incident")
ASKING = [name for name in next(iter(COMMANDS.values())) if name not in OF_ONE]
WITHOUT_TIME = ("services", "teams", "environments")
# Escape sequences in both forms, marks of direction, formulas, and a lot of it.
HOSTILE = "=1+1 \x1b[31mred\x1b]0;title\x07 \x9b2J \u202egnp.exe\u2066 <b> " + "x" * 10_000


WHERE = {"environment": {"id": "production"}}
SERVICE = {"service": {"id": "shop"}}
# Two deployments of shop, of which one failed, and one of which nobody says whether it is production.
STORY = [
    cdevent(id="d1", time="2026-01-05T12:00:00Z"),
    cdevent(
        "service.upgraded",
        id="d2",
        time="2026-01-14T12:00:00Z",
        content=WHERE | {"artifactId": "pkg:oci/shop?tag=2"},
    ),
    cdevent(
        "incident.detected",
        id="i1",
        subject="checkout",
        time="2026-01-14T13:00:00Z",
        content=WHERE | SERVICE | {"description": HOSTILE},
    ),
    cdevent(
        "incident.resolved",
        id="i2",
        subject="checkout",
        time="2026-01-14T15:10:00Z",
        content=WHERE | SERVICE,
    ),
    cdevent(
        id="d3",
        time="2026-01-15T12:00:00Z",
        content={"environment": {"id": "blue"}, "artifactId": "pkg:oci/shop?tag=3"},
    ),
]


@pytest.fixture(scope="module")
def commands(
    modules_database: Database, function: Functions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Commands]:
    """Commands that ask a metrics endpoint about the story."""
    with pytest.MonkeyPatch.context() as patch:
        modules_database.use(patch)
        happen(function, STORY)
    with metrics_endpoint(modules_database, tmp_path_factory.mktemp("logs")) as address:
        yield Commands({"DORA_URL": address, "NO_COLOR": "1"})


def asked(name: str, *arguments: str) -> tuple[str, ...]:
    return (name, *arguments) if name in WITHOUT_TIME else (name, *SPAN, *arguments)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_a_summary_is_a_table_in_words(commands: Commands) -> None:
    shown = commands.run("summary", *SPAN)

    assert shown.returncode == 0
    table = [cells(line) for line in shown.stdout.splitlines()]
    assert table[:2] == [["service", "value", "before", "level"], ["shop"]]
    assert [row[:3] for row in table[2:]] == [
        ["deployment frequency", "2.1 a month", "not known"],
        ["lead time for changes", "not known", "not known"],
        ["change failure rate", "50 %", "not known"],
        ["failed deployment recovery time", "3 h 10 min", "not known"],
        ["deployment rework rate", "0 %", "not known"],
    ]
    assert table[4][3] == "a level takes at least 5 deployments, there are 2"


def test_a_metric_has_a_bar_for_each_bucket(commands: Commands) -> None:
    shown = commands.run("metrics", "deployment-frequency", *SPAN, "--group-by", "service")

    assert [cells(line)[:4] for line in shown.stdout.splitlines()] == [
        ["metric", "service", "value", "each week"],
        ["deployment frequency", "shop", "2.1 a month", "██▁▁"],
    ]


def test_without_a_name_all_metrics_are_shown(commands: Commands) -> None:
    shown = commands.run("metrics", *SPAN).stdout.splitlines()
    answered = json.loads(commands.run("metrics", *SPAN, "--json").stdout)

    assert [cells(line)[0].replace(" ", "-") for line in shown[1:]] == list(METRICS)
    assert [each["metric"] for each in answered] == list(METRICS)


def test_what_the_numbers_are_made_of_is_listed(commands: Commands) -> None:
    lists = [commands.run("deployments", *SPAN), commands.run("services")]

    assert [[cells(line) for line in each.stdout.splitlines()] for each in lists] == [
        [
            ["deployed", "service", "environment", "artifact", "changes", "what", "id"],
            ["2026-01-14 12:00Z", "shop", "production", "shop 2", "0", "failed, recovered", "d2"],
            ["2026-01-05 12:00Z", "shop", "production", "shop 1", "0", "d1"],
        ],
        [
            ["service", "team", "repositories", "environments"],
            ["shop", "blue (unknown tier), production (production)"],
        ],
    ]


@pytest.mark.parametrize("name", ASKING)
def test_each_answer_is_there_in_json_and_in_csv(commands: Commands, name: str) -> None:
    named = [name, "deployment-frequency"] if name == "metrics" else [name]
    answer = json.loads(commands.run(*asked(named[0], *named[1:], "--json")).stdout)
    table = list(csv.DictReader(io.StringIO(commands.run(*asked(*named, "--csv")).stdout)))

    key = {"summary": "services", "metrics": "groups", "quality": "problems", "check": "problems"}
    assert isinstance(answer[key.get(name, name)], list)
    assert bool(table) == bool(answer[key.get(name, name)])


def test_what_is_wrong_is_said_with_what_mends_it(commands: Commands) -> None:
    checked = commands.run("check", *SPAN)
    strict = commands.run("check", *SPAN, "--strict")
    shown = commands.run("quality", *SPAN)

    assert (checked.returncode, strict.returncode, shown.returncode) == (0, 1, 0)
    assert checked.stdout == strict.stdout
    assert shown.stdout.startswith(checked.stdout)
    assert "warning: shop was deployed once to blue, of which nobody says the tier" in shown.stdout
    assert "\n  mend: Say it in the catalog: tiers: {blue: production}.\n" in shown.stdout
    assert checked.stdout.splitlines()[-1].startswith("0 errors, ")


def test_a_dead_letter_is_an_error_for_a_pipeline(
    commands: Commands, modules_database: Database
) -> None:
    modules_database.rows(
        "insert into dead_letters (ce_source, ce_id, ce_type, content, destination, reason)"
        " values ('/s', '1', 't', '{}', 'http://x', 'no')"
    )
    checked = commands.run("check")
    modules_database.rows("delete from dead_letters")

    assert checked.returncode == 1
    assert "error: 1 event was refused by http://x: no" in checked.stdout


def test_what_an_answer_leaves_out_is_said(commands: Commands) -> None:
    shown = commands.run("deployments", *SPAN, "--limit", "1")

    assert shown.stderr.splitlines() == [
        "1 deployment is left out, for nobody says of which tier its environment is: blue",
        "there are more: --limit 1000 shows more of them, --csv all",
    ]


@pytest.mark.parametrize("options", [[], ["--json"], ["--csv"]], ids=["table", "json", "csv"])
def test_what_events_say_commands_no_terminal(commands: Commands, options: list[str]) -> None:
    shown = commands.run_in_terminal(100, "incidents", *SPAN, *options)

    assert "red" in shown
    assert "gnp.exe" in shown
    assert {unicodedata.category(character) for character in shown.replace("\r\n", "")} & {
        "Cc",
        "Cf",
    } == set()


def test_in_a_file_a_text_is_what_it_was(commands: Commands) -> None:
    [row] = csv.DictReader(io.StringIO(commands.run("incidents", *SPAN, "--csv").stdout))

    assert row["description"] == f"'{HOSTILE}"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_table_fits_the_terminal(commands: Commands, columns: int) -> None:
    shown = commands.run_in_terminal(columns, "incidents", *SPAN)

    assert max(map(len, shown.splitlines())) <= columns
    assert "checkout" in shown or columns == 40


def test_colours_are_for_terminals_that_want_them(commands: Commands) -> None:
    wanted = commands.having(TERM="xterm-256color", NO_COLOR="")
    coloured = wanted.run_in_terminal(100, "services")
    plain = commands.run_in_terminal(100, "services")

    assert "\x1b[1m" in coloured
    assert "\x1b" not in plain + commands.run("services").stdout


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["deployments", "--from", "yesterday"], 1, "expected from to be a date, such as "),
        (["metrics", "--csv"], 1, "expected a METRIC for --csv, for each has columns of its own"),
        (["metrics", "happiness"], 2, "invalid choice: 'happiness'"),
        (["deployments", "--tier", "gold"], 2, "invalid choice: 'gold'"),
        (["summary", "--json", "--csv"], 2, "not allowed with"),
    ],
)
def test_a_wrong_question_is_refused_with_a_sentence(
    commands: Commands, arguments: list[str], status: int, sentence: str
) -> None:
    refused = commands.run(*arguments)

    assert (refused.returncode, refused.stdout) == (status, "")
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("nowhere", "expected DORA_URL to be an http address, got 'nowhere'\n"),
        ("http://127.0.0.1:1/", "no answer from the metrics endpoint at http://127.0.0.1:1 ("),
    ],
)
def test_without_a_metrics_endpoint_one_reads_what_to_set(given: str, sentence: str) -> None:
    shown = Commands({"DORA_URL": given}).run("summary")

    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.startswith(sentence)


def test_what_is_no_metrics_endpoint_is_not_believed(sink: Any) -> None:
    shown = Commands({"DORA_URL": sink.url}).run("services")

    assert shown.returncode == 1
    assert shown.stderr.startswith(f"{sink.url}: answers 501 ")


def test_who_has_seen_enough_sees_no_error(commands: Commands) -> None:
    process = commands.start("incidents", *SPAN, "--csv")
    assert process.stdout
    assert process.stderr
    process.stdout.close()

    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()


def test_a_deployment_is_shown_with_all_that_led_to_it_and_came_of_it(commands: Commands) -> None:
    shown = commands.run("deployment", "d2")
    answer = json.loads(commands.run("deployment", "d2", "--json").stdout)

    lines = shown.stdout.splitlines()
    assert lines[0] == "shop in production: shop 2"
    assert lines[1] == "deployed 2026-01-14 12:00Z: failed, recovered"
    assert [line.split("  ")[0] for line in lines[4:]] == [
        "2026-01-14 12:00Z",
        "2026-01-14 13:00Z",
        "2026-01-14 15:10Z",
        "2026-01-14 15:10Z",
    ]
    assert "Recovered" in shown.stdout
    assert answer["deployment"]["id"] == "d2"


def test_an_incident_is_shown_with_what_it_belongs_to_and_why(commands: Commands) -> None:
    shown = commands.run("incident", "checkout", "--source", "/tests").stdout.splitlines()

    assert shown[1] == "detected 2026-01-14 13:00Z, resolved 2026-01-14 15:10Z, after 2 h 10 min"
    assert shown[2] == "belongs to shop d2: it is the latest of its service before it"


def test_of_an_id_that_nobody_knows_one_sentence_is_said(commands: Commands) -> None:
    shown = commands.run("deployment", "nobody")

    assert shown.returncode == 1
    assert shown.stderr.splitlines() == [
        "expected one deployment 'nobody', got none; --source says which"
    ]
