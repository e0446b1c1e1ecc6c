"""What the chart's Job does, on a real PostgreSQL whose roles nobody has made yet."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local.postgresql import PROGRAMS, Postgresql, schema_files
from local.processes import free_port
from scripts.copy_chart import REPOSITORY
from tests.conftest import open_folder

RELEASE = REPOSITORY / "tests" / "data" / "schemas" / "0.1.0"
APPLY = REPOSITORY / "charts" / "dora" / "job" / "apply.sh"


@pytest.fixture
def empty_server(data_folder: Path, user: str) -> Iterator[Postgresql]:
    folder = open_folder(data_folder) / user
    started = Postgresql(folder, free_port(), {"fsync": "off"})
    started.start()
    started.run("postgres", "create role admin login createrole")
    started.run("postgres", "create database dora owner admin")
    yield started
    started.stop()


@pytest.fixture
def sql(tmp_path: Path) -> Path:
    """The files as the ConfigMap gives them."""
    for file in schema_files():
        (tmp_path / f"{file.parent.name}-{file.name}").write_text(file.read_text())
    return tmp_path


def try_to_apply(
    server: Postgresql, sql: Path, user: str, writer: str = "w'"
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.pathsep.join([str(PROGRAMS), os.defpath]),
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGDATABASE": "dora",
        "PGUSER": user,
        "WRITER_PASSWORD": writer,
        "METRICS_PASSWORD": "m",
        "READER_PASSWORD": "r",
        "DASHBOARDS_PASSWORD": "d",
    }
    command = ["/bin/sh", str(APPLY), str(sql)]
    return subprocess.run(command, env=environment, capture_output=True, check=False, text=True)


def apply(server: Postgresql, sql: Path, user: str, writer: str = "w'") -> None:
    done = try_to_apply(server, sql, user, writer)
    assert done.returncode == 0, done.stdout + done.stderr


def password(server: Postgresql, role: str) -> str:
    sql = "select rolpassword from pg_authid where rolname = :role"
    return str(server.run("dora", sql, role=role)[0][0])


@pytest.mark.parametrize("user", ["admin", "postgres"])
def test_the_job_makes_tables_and_passwords_and_may_run_again(
    empty_server: Postgresql, sql: Path, user: str
) -> None:
    apply(empty_server, sql, user)
    first = password(empty_server, "dora_writer")
    apply(empty_server, sql, user, writer="another")

    owners = empty_server.run(
        "dora",
        "select distinct pg_get_userbyid(relowner) from pg_class "
        "where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')",
    )
    assert owners == [["dora_owner"]]
    assert first.startswith("SCRAM-SHA-256$")
    assert password(empty_server, "dora_writer") != first
    with closing(empty_server.connect("dora", "dora_reader")) as reader:
        assert reader.run("select * from deployments") == []


@pytest.mark.parametrize("user", ["admin", "postgres"])
def test_the_job_brings_an_older_database_up_to_date(
    empty_server: Postgresql, sql: Path, user: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    older = tmp_path_factory.mktemp("0.1.0")
    (older / "0.sql").write_text("set createrole_self_grant = 'set, inherit';")
    (older / "1.sql").write_text((RELEASE / "schema.sql").read_text())
    apply(empty_server, older, user)

    apply(empty_server, sql, user)

    newest = max(file.name for file in sql.glob("migrations-*"))
    assert empty_server.run("dora", "select max(number) from schema_migrations") == [
        [int(newest[11:14]) or None]
    ]


@pytest.mark.parametrize("user", ["admin"])
def test_the_job_refuses_a_newer_database(empty_server: Postgresql, sql: Path, user: str) -> None:
    apply(empty_server, sql, user)
    empty_server.run("dora", "insert into schema_migrations values (999, 'of_tomorrow')")

    refused = try_to_apply(empty_server, sql, user, writer="another")

    assert refused.returncode == 3
    [line] = refused.stderr.splitlines()
    assert "ERROR:  expected a database with schema changes up to number " in line
