"""PostgreSQL, by libpq's environment names. The only module that knows pg8000.

One connection a thread is kept between requests and opened again after a failure. Statements are
read from the `.sql` files and prepared once a connection. Environment: PGHOST, PGPORT, PGDATABASE,
PGUSER, PGPASSWORD, PGSSLMODE, PGSSLROOTCERT, PGOPTIONS, PGCONNECT_TIMEOUT, PGAPPNAME.
"""

from __future__ import annotations

import functools
import os
import re
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection, PreparedStatement

from dora.errors import DeadlockError, PermanentError, TemporaryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

# In a function's folder the statements are copied beside this module, in the repository they are
# in its `sql/`.
SQL_FOLDERS = (Path(__file__).parent / "sql", Path(__file__).parents[2] / "sql")
# https://www.postgresql.org/docs/current/errcodes-appendix.html: data that cannot be right, and
# what a restart, a failover, an installation under way or another transaction explain.
PERMANENT = re.compile("21|22|23|54|P0001")
TEMPORARY = re.compile("08|25006|25P03|28|3D|40|42P01|42883|53|55|57|58")
DEADLOCK = "40P01"
# Another connection may be better: this one's server has become read-only, or ends the connection.
GONE = re.compile("08|25006|25P03|57P")
# Who installs may be given the rights that are missing; to a function it is a bug.
TEMPORARY_TO_WHO_INSTALLS = re.compile(f"{TEMPORARY.pattern}|42501")
# Statements that are too small for a file.
SMALL = {
    "begin": "begin",
    "begin_snapshot": "begin isolation level repeatable read read only",
    # For what a transaction asks from here on; dora_reader's own way is to plan each.
    "plan_once": "set local plan_cache_mode = force_generic_plan",
    "plan_each": "set local plan_cache_mode to default",
    "begin_copy": "begin isolation level repeatable read",
    "commit": "commit",
    "rollback": "rollback",
    # A copy that only reads, as before or after a failover, is nothing for who writes.
    "ping": "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean"
    " from unnest('{cdevents_raw, processed_events}'::text[]) as written (name)"
    " where has_table_privilege(to_regclass(written.name), 'insert') limit 1",
}
SOCKET_TIMEOUT_SECONDS = 60
# However long a statement may take, a machine that is gone is found in about a minute.
KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
LOST = (InterfaceError, OSError)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def _time(text: str) -> datetime:
    """Read a timestamptz; of one that Python does not know, return the first or the last that it does.

    The first midnight of the year 1 is in the year before it where clocks are ahead of UTC.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return FIRST if text.endswith("BC") or text == "-infinity" else LAST


def _numbers(text: str) -> list[float | None]:
    inside = text[1:-1]
    return [None if each == "NULL" else float(each) for each in inside.split(",") if inside]


# What answers have much of, by the numbers of PostgreSQL's types (timestamptz and double
# precision[]): pg8000 reads it too, in twenty times the time.
READ_QUICKLY = {1184: _time, 1022: _numbers}


class _Kept(threading.local):
    """What a thread keeps: its connection, and the statements prepared on it."""

    connection: Connection | None = None
    statements: dict[str, PreparedStatement]
    seen: dict[str, object]
    in_transaction = False
    patience_seconds: float | None = SOCKET_TIMEOUT_SECONDS
    schema: str | None = None


_kept = _Kept()


def run(name: str, **parameters: Any) -> list[list[Any]]:
    """Run the statement of `sql/<name>.sql` and give its rows.

    Outside a transaction, a connection that was lost since its last use is opened again, once:
    every statement may run twice, because each is idempotent.

    Raises:
        PermanentError: the database refuses the values.
        TemporaryError: the database is away or busy.
    """
    may_run_again = _kept.connection is not None and not _kept.in_transaction
    try:
        return _run(name, parameters)
    except LOST as error:
        close()
        if not may_run_again:
            raise TemporaryError(f"the database is away: {_reason(error)}") from error
        return run(name, **parameters)


def run_named(name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a statement and give its rows by the names of their columns."""
    rows = run(name, **parameters)
    columns = [column["name"] for column in _kept.statements[name].columns]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def one(name: str, **parameters: Any) -> Any:
    """Run a statement that gives one value, and give that value."""
    return run(name, **parameters)[0][0]


def script(name: str) -> None:
    """Run the statements of `sql/<name>.sql`, which have no parameters, as one transaction.

    Raises:
        PermanentError: they refuse the database.
        DeadlockError: nothing of them is done, and they may be run again.
        TemporaryError: the database is away, or whose it is has not the rights.
    """
    try:
        _connection().run(text(name))
    except DatabaseError as error:
        raise _translated(error, TEMPORARY_TO_WHO_INSTALLS) from error
    except LOST as error:
        close()
        raise TemporaryError(f"the database is away: {_reason(error)}") from error


def transaction() -> AbstractContextManager[None]:
    """Run the statements of the block in one transaction (READ COMMITTED)."""
    return _transaction("begin")


def snapshot() -> AbstractContextManager[None]:
    """Let the statements of the block read the database as it is at one moment."""
    return _transaction("begin_snapshot")


def copy() -> AbstractContextManager[None]:
    """Let the statements of the block write down the database as it is at one moment."""
    return _transaction("begin_copy")


@contextmanager
def planned_once() -> Iterator[None]:
    """Keep the plans of the block's statements, within a transaction: one plan must serve them all."""
    run("plan_once")
    yield
    run("plan_each")


@contextmanager
def _transaction(begin: str) -> Iterator[None]:
    run(begin)
    _kept.in_transaction = True
    try:
        yield
        run("commit")
    except BaseException:
        _roll_back()
        raise
    finally:
        _kept.in_transaction = False


def _roll_back() -> None:
    try:
        if _kept.connection is not None:
            run("rollback")
    except (TemporaryError, DatabaseError):
        close()


def seen(what: str) -> object:
    """Return what this thread noted of its database since it connected to it, or None."""
    return _kept.seen.get(what) if _kept.connection is not None else None


def note(what: str, value: object) -> None:
    """Note something of the database, until this thread connects to another one."""
    _kept.seen[what] = value


@contextmanager
def names_in(schema: str) -> Iterator[None]:
    """Let names of the block's statements mean tables of a schema, where it has such.

    On a connection of its own; also where that was lost and is opened again.
    """
    close()
    _kept.schema = schema
    try:
        yield
    finally:
        close()
        _kept.schema = None


def ping() -> None:
    """Ask the database whether it does what this role may do.

    Raises:
        TemporaryError: there is no answer, or it only reads, and the role writes.
    """
    if run("ping") == [[True]]:
        close()
        raise TemporaryError("the database only reads now, and this function writes")


def wait_up_to(seconds: float | None) -> None:
    """Let each of this thread's statements take so long; where it is None, as long as it needs."""
    if _kept.patience_seconds != seconds:
        close()
        _kept.patience_seconds = seconds


def close() -> None:
    """Close this thread's connection; the next statement opens another."""
    connection, _kept.connection = _kept.connection, None
    if connection is not None:
        with suppress(*LOST):  # it may be gone already
            connection.close()


def _connection() -> Connection:
    if _kept.connection is None:
        _kept.connection, _kept.statements, _kept.seen = _connect(), {}, {}
        for type_number, read in READ_QUICKLY.items():
            _kept.connection.register_in_adapter(type_number, read)
    return _kept.connection


def _run(name: str, parameters: dict[str, Any]) -> list[list[Any]]:
    connection = _connection()
    try:
        statement = _kept.statements.get(name)
        if statement is None:
            statement = _kept.statements[name] = connection.prepare(text(name))
        return statement.run(**parameters) or []
    except DatabaseError as error:
        raise _translated(error) from error
    except UnicodeEncodeError as error:
        raise PermanentError("expected text, got half of a surrogate pair") from error


@functools.cache
def names(prefix: str) -> list[str]:
    """Return the names of the statements that begin with the prefix, in their order."""
    return sorted(
        str(file.relative_to(folder).with_suffix(""))
        for folder in SQL_FOLDERS
        for file in folder.glob(f"{prefix}*.sql")
    )


@functools.cache
def text(name: str) -> str:
    """Return the text of a statement."""
    if name in SMALL:
        return SMALL[name]
    for folder in SQL_FOLDERS:
        if (folder / f"{name}.sql").is_file():
            return (folder / f"{name}.sql").read_text()
    raise LookupError(f"there is no statement {name}.sql")


def _translated(error: Exception, temporary: re.Pattern[str] = TEMPORARY) -> Exception:
    answer: dict[str, str] = error.args[0] if isinstance(error.args[0], dict) else {}
    state = answer.get("C", "")
    if PERMANENT.match(state):
        detail = f" ({answer['D']})" if "D" in answer else ""
        return PermanentError(f"the database refuses this: {answer['M']}{detail}")
    if temporary.match(state):
        if GONE.match(state):
            close()
        kind = DeadlockError if state == DEADLOCK else TemporaryError
        return kind(f"the database cannot do this now: {answer['M']}")
    return error


def _reason(error: Exception) -> str:
    return str(error.args[-1] if error.args else type(error).__name__)


def _connect() -> Connection:
    host = os.environ.get("PGHOST", "localhost")
    opened = _socket(host, int(os.environ.get("PGPORT", "5432")))
    try:
        return Connection(
            os.environ.get("PGUSER", "postgres"),
            host=host,
            database=os.environ.get("PGDATABASE", "dora"),
            password=os.environ.get("PGPASSWORD"),
            sock=opened,
            ssl_context=_ssl_context(os.environ.get("PGSSLMODE", "prefer")),
            application_name=os.environ.get("PGAPPNAME") or os.environ.get("K_SERVICE"),
            startup_params={"options": _options()},
        )
    except BaseException as error:
        opened.close()  # pg8000 leaves it open where the server hangs up on its first message
        if isinstance(error, DatabaseError):
            raise _translated(error) from error
        raise


def _options() -> str:
    path = f"-c search_path={_kept.schema},public" if _kept.schema else ""
    return f"{os.environ.get('PGOPTIONS', '')} {path}".strip()


def _socket(host: str, port: int) -> socket.socket:
    """Open the socket ourselves: pg8000's own waits for acknowledgements (Nagle's algorithm)."""
    opened = socket.create_connection((host, port), float(os.environ.get("PGCONNECT_TIMEOUT", "5")))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    opened.settimeout(_kept.patience_seconds)
    return opened


def _ssl_context(mode: str) -> ssl.SSLContext | bool | None:
    """Return what pg8000 makes of libpq's sslmode: None means TLS where the server has it.

    With the system's authorities (PGSSLROOTCERT=system) it is verify-full, as for libpq.
    """
    root = os.environ.get("PGSSLROOTCERT")
    if root == "system":
        mode, root = "verify-full", None
    plain: dict[str, bool | None] = {
        "disable": False,
        "allow": None,
        "prefer": None,
        "require": True,
    }
    if mode in plain:
        return plain[mode]
    context = ssl.create_default_context(cafile=root)
    context.check_hostname = mode == "verify-full"
    return context
