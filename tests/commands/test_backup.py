"""Backup and restore, as docs/operating.md describes them: the numbers are the same."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from local.postgresql import PROGRAMS
from local.processes import clean_environment
from tests.commands.test_forget import deployed, record
from tests.conftest import Database, Functions
from tests.events import cloudevent, example

ASKED = ("/summary", "/deployments", "/changes", "/quality")


def answers(function: Functions, until: str) -> list[object]:
    """Return what is answered to questions about all time until then, whenever they are asked."""
    asked = {"from": "2025-12-01", "to": until}
    found: list[object] = []
    for path in ASKED:
        answer = json.loads(function("metrics-endpoint").get(path, **asked).data)
        found.append({name: part for name, part in answer.items() if name != "sizes"})
    return found


def test_a_restored_database_answers_the_same_and_goes_on(
    database: Database, function: Functions, tmp_path: Path
) -> None:
    push = json.loads(function("github-transformer").post(example("github-transformer", "01")).data)
    function("cloudevents-endpoint").post(cloudevent())
    record(function, push, deployed(1), deployed(2))
    now = datetime.now(UTC).isoformat()
    before = answers(function, now)
    environment = clean_environment() | database.environment | {"PGUSER": "postgres"}
    dump, copy = str(tmp_path / "dora.dump"), f"{database.name}_copy"

    def run(program: str, *arguments: str) -> None:
        subprocess.run([str(PROGRAMS / program), *arguments], env=environment, check=True)

    run("pg_dump", "--format=custom", f"--file={dump}", database.name)
    run("createdb", copy)
    run("pg_restore", f"--dbname={copy}", "--exit-on-error", dump)
    database.connection.close()
    database.server.run("postgres", f"drop database {database.name} with (force)")
    database.server.run("postgres", f"alter database {copy} rename to {database.name}")
    database.connection = database.server.connect(database.name)

    assert answers(function, now) == before
    record(function, deployed(3))
    assert database.rows("select deploy_id from deployments order by 1") == [["d1"], ["d2"], ["d3"]]
