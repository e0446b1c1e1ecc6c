"""The faults that there are: each begins, lasts as long as its block, and is over then."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import yaml
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from local.processes import StackError
from local.stack import DATABASE
from tests.faults.network import Line
from tests.faults.stand import MOST_CONNECTIONS, NAMES, Stand
from tests.metrics.histories import catalogs
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from random import Random

    Fault = Callable[[Stand, Random], AbstractContextManager[None]]

# How far a clock may be wrong, in hours: an event may be a day ahead of it.
CLOCK_HOURS = [-20, -1, 1, 20, 24 * 30]
CLOCKS = [*Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]
LOCKED = ["cdevents_raw", "timeline", "deployments", "processed_events", "shipped_changes"]
FILLER_BYTES = 1_000_000
# How it is said that the database cannot be reached, or ends what was asked.
AWAY = (DatabaseError, InterfaceError, OSError)
END_FUNCTIONS = "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'dora%'"


@contextmanager
def killed_functions(stand: Stand, random: Random) -> Iterator[None]:
    """kill -9 of functions, which start again."""
    names = random.sample(NAMES, random.randint(1, 3))
    for name in names:
        stand.functions[name].kill()
    yield
    for name in names:
        stand.start(name)


@contextmanager
def rolling_update(stand: Stand, random: Random) -> Iterator[None]:
    """Functions are asked to stop and started anew, while the tables are installed again."""
    with ThreadPoolExecutor() as pool:
        installing = pool.submit(wait_until, partial(_is_installed, stand))
        yield
        for name in random.sample(NAMES, 3):
            stand.functions[name].stop()
            stand.start(name)
        installing.result()


@contextmanager
def stopped_functions(stand: Stand, random: Random) -> Iterator[None]:
    """SIGSTOP of functions, SIGCONT later."""
    with ExitStack() as going_on:
        for name in random.sample(NAMES, random.randint(1, 3)):
            process = stand.functions[name].process
            assert process
            process.send_signal(signal.SIGSTOP)
            going_on.callback(process.send_signal, signal.SIGCONT)
        yield


@contextmanager
def killed_postgresql(stand: Stand, _random: Random) -> Iterator[None]:
    """kill -9 of PostgreSQL, of all its processes; it recovers when it starts."""
    family = _family(stand)
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(family[1:])
    stand.postgresql.program.kill()
    yield
    stand.restart_postgresql()


@contextmanager
def killed_backend(stand: Stand, random: Random) -> Iterator[None]:
    """kill -9 of one process of a connection: PostgreSQL ends all of them, and recovers."""
    backends = stand.rows("select pid from pg_stat_activity where usename like 'dora%' order by 1")
    if backends:
        with suppress(ProcessLookupError):
            os.kill(random.choice(backends)[0], signal.SIGKILL)
    yield


@contextmanager
def stopped_postgresql(stand: Stand, _random: Random) -> Iterator[None]:
    """SIGSTOP of all processes of PostgreSQL, SIGCONT later."""
    family = _family(stand)
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.suspend()
    yield
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.resume()


@contextmanager
def restarted_postgresql(stand: Stand, _random: Random) -> Iterator[None]:
    """PostgreSQL stops in order, and starts."""
    stand.postgresql.stop()
    yield
    stand.restart_postgresql()


@contextmanager
def read_only(stand: Stand, _random: Random) -> Iterator[None]:
    """The database only reads, as in a failover."""
    _let(stand, "alter system set default_transaction_read_only = on")
    yield
    writing = "set default_transaction_read_only = off"
    _let(stand, writing, "alter system reset default_transaction_read_only")


@contextmanager
def no_connections_left(stand: Stand, _random: Random) -> Iterator[None]:
    """All connections of the database are used up."""
    held: list[Connection] = []
    with suppress(*AWAY):
        stand.rows(END_FUNCTIONS)
        while len(held) < MOST_CONNECTIONS:
            held.append(stand.postgresql.connect(DATABASE, "dora_reader"))
    yield
    for connection in held:
        _close(connection)


@contextmanager
def locked_table(stand: Stand, random: Random) -> Iterator[None]:
    """A table is locked."""
    holding = None
    with suppress(*AWAY):
        holding = stand.postgresql.connect(DATABASE)
        holding.run("set lock_timeout = '2s'")
        holding.run("begin")
        holding.run(f"lock table {random.choice(LOCKED)} in access exclusive mode")
    yield
    if holding:
        _close(holding)


@contextmanager
def cut_from_database(stand: Stand, _random: Random) -> Iterator[None]:
    """Nobody reaches the database, and all connections to it end."""
    stand.to_database.cut()
    yield
    stand.to_database.mend()


@contextmanager
def stalled_database(stand: Stand, _random: Random) -> Iterator[None]:
    """Nothing comes from or to the database, and nobody is told."""
    stand.to_database.stall()
    yield
    stand.to_database.mend()


@contextmanager
def slow_database(stand: Stand, _random: Random) -> Iterator[None]:
    """Each packet from or to the database takes long."""
    stand.to_database.is_slow = True
    yield
    stand.to_database.mend()


@contextmanager
def lost_answers_of_database(stand: Stand, random: Random) -> Iterator[None]:
    """Answers of the database are lost after it has done what it was asked, and the connection ends."""
    stand.to_database.lost_answers = random.choice([0.02, 0.1, 0.4])
    yield
    stand.to_database.mend()


@contextmanager
def cut_from_functions(stand: Stand, random: Random) -> Iterator[None]:
    """The Broker does not reach functions."""
    with _lines(stand, random) as lines:
        for line in lines:
            line.cut()
        yield


@contextmanager
def slow_functions(stand: Stand, random: Random) -> Iterator[None]:
    """The Broker waits long for functions."""
    with _lines(stand, random) as lines:
        for line in lines:
            line.is_slow = True
        yield


@contextmanager
def lost_answers_of_functions(stand: Stand, random: Random) -> Iterator[None]:
    """Answers of functions are lost after they have done what they were sent."""
    with _lines(stand, random) as lines:
        for line in lines:
            line.lost_answers = random.choice([0.1, 0.5])
        yield


@contextmanager
def changed_catalog(stand: Stand, random: Random) -> Iterator[None]:
    """The catalog is another one for a while, so that all is computed anew beside what is served."""
    at_the_end = stand.catalog.read_text()
    stand.catalog.write_text(yaml.safe_dump(catalogs().draw(random)))
    yield
    stand.catalog.write_text(at_the_end)


@contextmanager
def wrong_clock(stand: Stand, random: Random) -> Iterator[None]:
    """The clock of a function jumps."""
    name = random.choice(NAMES)
    stand.functions[name].kill()
    hours = random.choice(CLOCK_HOURS)
    jump = {"LD_PRELOAD": str(CLOCKS[0]), "FAKETIME": f"{hours:+}h"}
    stand.start(name, **jump, FAKETIME_DONT_FAKE_MONOTONIC="1")
    yield
    stand.functions[name].kill()
    stand.start(name)


@contextmanager
def full_disk(stand: Stand, _random: Random) -> Iterator[None]:
    """The disk with the database's tables is full."""
    assert stand.small_disk
    filler = stand.small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * FILLER_BYTES):
            pass
    yield
    filler.unlink()


# Those that any other one may happen beside.
NETWORK: list[Fault] = [
    slow_database,
    lost_answers_of_database,
    cut_from_functions,
    slow_functions,
    lost_answers_of_functions,
]
FAULTS: list[Fault] = [
    killed_functions,
    rolling_update,
    stopped_functions,
    killed_postgresql,
    killed_backend,
    stopped_postgresql,
    restarted_postgresql,
    read_only,
    no_connections_left,
    locked_table,
    cut_from_database,
    stalled_database,
    changed_catalog,
    *NETWORK,
    wrong_clock,
    full_disk,
]


def impossible(stand: Stand) -> list[Fault]:
    """Return the faults that cannot be had on this machine: without libfaketime, without mount."""
    no_clock: list[Fault] = [] if CLOCKS else [wrong_clock]
    no_disk: list[Fault] = [] if stand.small_disk else [full_disk]
    return no_clock + no_disk


@contextmanager
def _lines(stand: Stand, random: Random) -> Iterator[list[Line]]:
    lines = random.sample([*stand.to_functions.values()], random.randint(1, 4))
    yield lines
    for line in lines:
        line.mend()


def _is_installed(stand: Stand) -> bool:
    """Install the tables; return whether that was no deadlock with who writes: a Job tries again."""
    with suppress(StackError, *AWAY):
        stand.postgresql.install(DATABASE)
        return True
    return False


def _family(stand: Stand) -> list[psutil.Process]:
    """Return the processes of PostgreSQL, the first one first."""
    process = stand.postgresql.program.process
    assert process
    first = psutil.Process(process.pid)
    return [first, *first.children(recursive=True)]


def _let(stand: Stand, *statements: str) -> None:
    """Change a setting of the server, and wait until it holds."""

    def is_done() -> bool:
        with suppress(*AWAY):
            connection = stand.postgresql.connect(DATABASE)
            try:
                for statement in (*statements, "select pg_reload_conf()"):
                    connection.run(statement)
            finally:
                connection.close()
            return True
        return False

    wait_until(is_done)


def _close(connection: Connection) -> None:
    with suppress(*AWAY):
        connection.close()
