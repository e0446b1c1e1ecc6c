"""How fast events are kept, beside what others do: in rounds, so that all have a share of what else happens."""

from __future__ import annotations

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import psycopg

from local.functions import url
from local.processes import is_listening
from tests.bench.peers import TABLE, database_of, peer
from tests.bench.table import Row, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from local.processes import Program
    from tests.bench.bench import Bench

OURS, BARE, EACH = "cloudevents-endpoint", "bare parliament", "a connection for each event"
SINGLE, MULTIPLE = "single-row INSERT without HTTP", "multi-row INSERT without HTTP"
FOLDERS = {BARE: "bare", EACH: "connection_each"}
PROCESSES, AT_A_TIME = (1, 2), (16, 64)
# It takes many times as long.
FEWER_OF_EACH = 5
ROWS_A_STATEMENT = 100
INSERT = "insert into peer_events (ce_source, ce_id, ce_type, content) values "
VALUES = "(%s, %s, %s, %s::jsonb)"


def kept(variant: str, processes: int, at_a_time: int) -> str:
    """Return what the row of a way to keep events is called."""
    named = "one process" if processes == 1 else "two processes"
    return f"keeping: {variant}, {named}, {at_a_time} at a time"


def ceiling(variant: str, at_a_time: int) -> str:
    """Return what the row of what the database alone can do is called."""
    return f"keeping: {variant}, {at_a_time} connections"


def measure_keeping(bench: Bench) -> Iterator[Row]:
    """Measure each way in each round; a row has the medians of the rounds."""
    bench.database.run(TABLE)
    rounds = defaultdict[str, list[Row]](list)
    with _running(bench) as programs:
        for variant, both in programs.items():
            _keep(bench, variant, both, max(AT_A_TIME), bench.sizes.warm_up_requests)
        for number in range(bench.sizes.keeping_rounds):
            bench.tell(f"round {number + 1} of {bench.sizes.keeping_rounds} of keeping events")
            for row in _measure_once(bench, programs):
                rounds[row.what].append(row)
    for rows in rounds.values():
        yield _medians(rows)


def _measure_once(bench: Bench, programs: dict[str, list[Program]]) -> Iterator[Row]:
    for at_a_time in AT_A_TIME:
        for processes in PROCESSES:
            for variant, all_of_it in programs.items():
                fewer = FEWER_OF_EACH if variant == EACH else 1
                events = max(1, bench.sizes.events_of_a_round // fewer)
                yield _keep(bench, variant, all_of_it[:processes], at_a_time, events)
        yield _insert(bench, SINGLE, 1, at_a_time)
        yield _insert(bench, MULTIPLE, ROWS_A_STATEMENT, at_a_time)


@contextmanager
def _running(bench: Bench) -> Iterator[dict[str, list[Program]]]:
    """Start two processes of each way."""
    with ExitStack() as closing:
        programs = {OURS: [bench.stack.functions[OURS], bench.stack.program(OURS)]}
        programs |= {
            name: [peer(bench, folder) for _ in PROCESSES] for name, folder in FOLDERS.items()
        }
        for program in [each for both in programs.values() for each in both]:
            if not program.is_running():
                closing.callback(program.stop)
                program.start()
                program.wait_until(partial(is_listening, int(program.environment["PORT"])))
        yield programs


def _keep(
    bench: Bench, variant: str, programs: Sequence[Program], at_a_time: int, events: int
) -> Row:
    bench.database.run("truncate cloudevents_raw, peer_events")
    bench.database.run("checkpoint")
    made = [bench.rollouts.of_another_kind(f"{url(each)}/", events) for each in programs]
    # To one process after the other.
    requests = [request for both in zip(*made, strict=True) for request in both][:events]
    answers = bench.load.send(requests, at_a_time).require_success()
    if variant != BARE:
        table = "cloudevents_raw" if variant == OURS else "peer_events"
        bench.database.require(table, events)
    return Row(
        kept(variant, len(programs), at_a_time),
        events,
        events_per_second=events / answers.seconds,
        p50_ms=1000 * percentile(answers.took, 50),
        p99_ms=1000 * percentile(answers.took, 99),
        load_percent=100 * answers.work_seconds / answers.seconds,
    )


def _insert(bench: Bench, variant: str, rows: int, at_a_time: int) -> Row:
    """Let so many connections insert rows, each so many in a statement, as fast as the database can."""
    bench.database.run("truncate peer_events")
    bench.database.run("checkpoint")
    events = bench.sizes.events_of_a_round
    requests = bench.rollouts.of_another_kind("", events)
    values = [
        (each.headers["ce-source"], each.headers["ce-id"], each.headers["ce-type"], each.body)
        for each in requests
    ]
    statements = [values[start : start + rows] for start in range(0, events, rows)]
    with ExitStack() as closing, ThreadPoolExecutor(at_a_time) as pool:
        connect = partial(psycopg.connect, database_of(bench), autocommit=True)
        opened = [closing.enter_context(connect()) for _ in range(at_a_time)]
        started = time.perf_counter()
        for _ in pool.map(
            _insert_all, opened, [statements[each::at_a_time] for each in range(at_a_time)]
        ):
            pass
        seconds = time.perf_counter() - started
    bench.database.require("peer_events", events)
    return Row(ceiling(variant, at_a_time), events, events_per_second=events / seconds)


def _insert_all(
    connection: psycopg.Connection, statements: Sequence[Sequence[tuple[str, ...]]]
) -> None:
    for rows in statements:
        sql = INSERT + ", ".join([VALUES] * len(rows))
        connection.execute(sql, [value for row in rows for value in row], prepare=True)


def _medians(rows: Sequence[Row]) -> Row:
    """Return the row that has the median of each number."""
    columns = {
        name: median(values)
        for name in vars(rows[0])
        if name not in ("what", "n") and None not in (values := [vars(row)[name] for row in rows])
    }
    return Row(rows[0].what, rows[0].n, **columns)
