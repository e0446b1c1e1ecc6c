"""Show what the numbers are made of, or what is known, the newest first: see it in full with --json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.commands.ask import add_question, answer
from dora.commands.command import Command, tell
from dora.commands.table import show_table
from dora.pages.words import artifact, duration
from dora.questions.lists import LISTS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

Row = dict[str, Any]
SHORT_SHA = 12


def minute(time: str | None) -> str | None:
    """Return a date-time of an answer, which is UTC, to the minute."""
    return time and f"{time[:10]} {time[11:16]}Z"


def what_is_said(deployment: Row) -> str:
    """Return what is said of a deployment in words."""
    said = {
        "rollback": deployment["is_rollback"],
        "failed": deployment["is_failed"],
        "recovered": deployment["recovered_at"],
        "rework": deployment["is_rework"],
        "unplanned": deployment["is_unplanned"],
        "does not count": deployment["counts"] is False,
        "corrected": deployment["correction"],
    }
    return ", ".join(word for word, is_so in said.items() if is_so)


def _environments(service: Row) -> str:
    return ", ".join(
        f"{each['environment']} ({each['tier'] or 'unknown tier'})"
        for each in service["environments"]
    )


# List → column → what stands in it.
COLUMNS: dict[str, dict[str, Callable[[Row], Any]]] = {
    "deployments": {
        "deployed": lambda row: minute(row["deployed_at"]),
        "service": lambda row: row["service"],
        "environment": lambda row: row["environment"],
        "artifact": lambda row: artifact(row["artifact"] or ""),
        "changes": lambda row: row["shipped_changes"],
        "what": what_is_said,
        "id": lambda row: row["id"],
    },
    "changes": {
        "deployed": lambda row: minute(row["deployed_at"]),
        "service": lambda row: row["service"],
        "environment": lambda row: row["environment"],
        "commit": lambda row: row["sha"][:SHORT_SHA],
        "lead time": lambda row: duration(row["lead_time_seconds"]),
        "since": lambda row: row["clock"],
        "repository": lambda row: row["repository"],
    },
    "incidents": {
        "detected": lambda row: minute(row["detected_at"]),
        "resolved": lambda row: minute(row["resolved_at"]) or "open",
        "service": lambda row: row["service"],
        "environment": lambda row: row["environment"],
        "description": lambda row: row["description"],
        "deployment": lambda row: row["deployment"],
        "why": lambda row: row["why"],
        "id": lambda row: row["id"],
    },
    "services": {
        "service": lambda row: row["service"],
        "team": lambda row: row["team"],
        "repositories": lambda row: ", ".join(row["repositories"]),
        "environments": _environments,
    },
    "teams": {
        "team": lambda row: row["team"],
        "services": lambda row: ", ".join(row["services"]),
    },
    "environments": {
        "environment": lambda row: row["environment"],
        "tier": lambda row: row["tier"] or "unknown",
        "services": lambda row: ", ".join(row["services"]),
    },
    "sources": {
        "source": lambda row: row["source"],
        "last": lambda row: minute(row["last_at"]),
        "events": lambda row: row["events"],
        "CDEvents": lambda row: row["cdevents"],
        "refused": lambda row: row["refusals"],
        "last refusal": lambda row: row["last_refusal"],
    },
}


def list_command(name: str) -> Command:
    """Return the command that shows a list."""
    parameters = LISTS[name].parameters

    def show(found: dict[str, Any]) -> None:
        if found[name]:
            columns = COLUMNS[name].values()
            show_table(
                list(COLUMNS[name]), ([each(row) for each in columns] for row in found[name])
            )
        else:
            tell(f"there are no {name} for this question")

    def arguments(parser: ArgumentParser) -> None:
        add_question(parser, parameters)

    def run(given: Namespace) -> int:
        return answer(given, f"/{name}", name, parameters, show)

    return Command(run, arguments, f"{LISTS[name].says}\n\n{__doc__}", EXAMPLES[name])


EXAMPLES = {
    "deployments": """
    dora deployments --service shop --from P7D
    dora deployments --tier staging --tier testing --limit 20
    dora deployments --csv > deployments.csv
    """,
    "changes": """
    dora changes --deployment 42
    dora changes --repository https://github.com/acme/shop --from P30D
    """,
    "incidents": """
    dora incidents --service shop
    dora incidents --json | jq '.incidents[] | select(.deployment == null) | .why'
    """,
    "services": """
    dora services --team store
    """,
    "teams": """
    dora teams
    """,
    "environments": """
    dora environments --tier production
    """,
    "sources": """
    dora sources --from P7D
    """,
}
COMMANDS = {name: list_command(name) for name in COLUMNS}
