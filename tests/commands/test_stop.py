"""Ctrl-C may come at any moment."""

from __future__ import annotations

import subprocess
import sys

from tests.waiting import PATIENCE_SECONDS

# Is told to stop at the first, second, … step of a wait, or a moment later if that has fewer.
PROGRAM = """
import os, signal, sys, threading
from dora.commands.command import Stop

def tell():
    os.kill(os.getpid(), signal.SIGINT)

def wait_told_at(step):
    steps = iter(range(step))

    def trace(*_):
        if next(steps, None) == step - 1:
            tell()
        return trace

    stop = Stop(second=signal.SIG_IGN)
    later = threading.Timer(0.02, tell)
    later.start()
    sys.settrace(trace)
    stop.wait(600)
    sys.settrace(None)
    later.cancel()
    return stop.told

print(all(wait_told_at(step) for step in range(1, 50)))
"""


def test_a_wait_ends_at_whatever_moment_it_is_told_to_stop() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("True\n", "")
