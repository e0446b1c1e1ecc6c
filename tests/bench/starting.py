"""How long a function takes to start, and how much memory it takes then and after some work."""

from __future__ import annotations

import http.client
import subprocess
import time
from typing import TYPE_CHECKING

from dora.questions.metrics import METRICS
from local.functions import url
from local.processes import Program, free_port
from tests.bench.following import recorded
from tests.bench.load import Request, same
from tests.bench.peers import peer
from tests.bench.queries import ONE_SERVICE
from tests.bench.table import Row, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.bench import Bench

SENDERS = 16
FUNCTIONS_BESIDE = 6


TRIVIAL = "start of a trivial parliament function"


def start_of(function: str) -> str:
    """Return what the row of a function's start is called."""
    return f"start of {function}"


def measure_starting(bench: Bench) -> Iterator[Row]:
    """Measure each function, in a process beside the one that the stack runs, and now and then a trivial one."""
    trivial = peer(bench, "bare")
    trivial_seconds: list[float] = []
    for place, (name, running) in enumerate(bench.stack.functions.items()):
        if place % FUNCTIONS_BESIDE == 0:
            trivial_seconds += _starts(trivial, bench.sizes.starts)
        yield _row(bench, start_of(name), _another(running), name)
    yield _row(bench, TRIVIAL, trivial, TRIVIAL, trivial_seconds)


def _row(
    bench: Bench, what: str, program: Program, function: str, others: Sequence[float] = ()
) -> Row:
    """Make the row of starts, those before and one more, with the memory of that."""
    seconds = list(others) or _starts(program, bench.sizes.starts - 1)
    try:
        seconds.append(_start(program))
        ready = _rss(program)
        # Some functions refuse some of these events; that is work too.
        bench.load.send(_requests(bench, function, url(program)), SENDERS)
        used = _rss(program)
    finally:
        program.stop()
    return Row(
        what,
        len(seconds),
        p50_ms=1000 * percentile(seconds, 50),
        rss_ready_mb=ready,
        rss_used_mb=used,
    )


def _starts(program: Program, times: int) -> list[float]:
    return [_start_and_stop(program) for _ in range(times)]


def _another(running: Program) -> Program:
    environment = running.environment | {"PORT": str(free_port())}
    return Program(running.name, running.command, environment, running.log)


def _start_and_stop(program: Program) -> float:
    try:
        return _start(program)
    finally:
        program.stop()


def _start(program: Program) -> float:
    """Start it and give the seconds until it says that it is ready."""
    started = time.perf_counter()
    program.start()
    while not _is_ready(int(program.environment["PORT"])):
        program.wait_until(lambda: True)
        time.sleep(0.002)
    return time.perf_counter() - started


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/readiness")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _rss(program: Program) -> float:
    """Return a process's resident memory in MB."""
    if program.process is None:
        raise RuntimeError(f"{program.name} does not run")
    command = ["ps", "-o", "rss=", "-p", str(program.process.pid)]
    return int(subprocess.check_output(command)) * 1024 / 1_000_000


def _requests(bench: Bench, name: str, base: str) -> Sequence[Request]:
    """Make requests that the function has work with."""
    count = bench.sizes.requests_before_memory
    if name == "metrics-endpoint":
        return same(Request(base + ONE_SERVICE, {}), count)
    if name in (*METRICS, "cdevents-endpoint"):
        events = recorded(bench, "deployment-frequency", "service", count)
        return [Request(f"{base}/", event.headers, event.body) for event in events]
    return bench.rollouts.finished(f"{base}/", count, "start")
