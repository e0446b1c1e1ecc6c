"""A Python that has loaded every command, and forks to run one: each has a process of its own.

To start and to load takes a command longer than what it does. Tests of that, or of signals, start one
themselves (`Commands.start`).
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

from dora.commands.command_line import LISTED, load, main
from local.processes import clean_environment
from tests.waiting import PATIENCE_SECONDS

REQUEST_BYTES = 256 * 1024  # at most; the system takes a message at once or refuses it


class Request(NamedTuple):
    """What a process is started with, besides its two files."""

    folder: str
    arguments: list[str]
    environment: dict[str, str]


def run(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command here; return what it wrote."""
    request = json.dumps(Request(str(Path.cwd()), list(arguments), environment))
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        status = _ask(request, [output.fileno(), errors.fileno()])
        return subprocess.CompletedProcess(arguments, status, _read(output), _read(errors))


def _ask(request: str, files: list[int]) -> int:
    process, side = _started()
    socket.send_fds(side, [request.encode()], files)
    try:
        return int(side.recv(16))
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)  # and the command that does not end
        _started.cache_clear()
        raise


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


@cache
def _started() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Return the one of these tests, and the way to it; it ends when that is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(PATIENCE_SECONDS)
    with theirs:
        number = theirs.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.commands.loaded", str(number)],
            env=clean_environment(),
            pass_fds=[number],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
    atexit.register(process.wait)
    atexit.register(ours.close)  # first
    return process, ours


def _serve(asked: socket.socket) -> None:
    """Fork for each request, until nobody asks any more."""
    while True:
        request, files, _, _ = socket.recv_fds(asked, REQUEST_BYTES, 2)
        if not request:
            return
        child = os.fork()
        if child == 0:
            _become(Request(*json.loads(request)), files)
            sys.exit(main())
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        asked.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(request: Request, files: list[int]) -> None:
    """Let this process be as one that was just started."""
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    sys.argv = ["dora", *request.arguments]
    for number, file in enumerate(files, 1):
        os.dup2(file, number)
        os.close(file)


if __name__ == "__main__":
    for name in LISTED:
        load(name)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        _serve(asked)
