"""`make run`: start the stack, bring the demo, show the five metrics, stay until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime

import requests

from dora.commands.command import Stop, reach_this_machine_directly
from local.demo import sending
from local.processes import StackError
from local.stack import Settings, Stack
from local.summary import table

EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "/try",
    "type": "try.it",
    "data": {"hello": "world"},
}


def main() -> int:
    """Run until SIGINT, SIGTERM, SIGHUP or the end of the make that started it; return the status."""
    reach_this_machine_directly()
    parent = os.getppid() if "MAKELEVEL" in os.environ else None
    stop = Stop(second=signal.SIG_IGN)  # what was started is always ended
    try:
        with Stack(Settings.read()).running() as stack:
            if stack.settings.demo:
                sending.send(stack, datetime.now(UTC))
            _show(stack)
            while not stop.told and parent in (None, os.getppid()):
                stack.restart_what_died()
                stop.wait(1)
            with suppress(OSError):  # the terminal may be gone
                print("\nstopping; the data stays in", stack.settings.data, flush=True)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _show(stack: Stack) -> None:
    answer = requests.get(f"{stack.metrics_url}/summary", timeout=30).json()
    print(f"\npage   {stack.metrics_url}/\n")
    if answer["services"]:
        print("       the last 90 days in production:\n")
        print("\n".join(f"       {line}" for line in table(answer["services"])))
    print(
        f"""
ask    curl {stack.metrics_url}/summary
       PGPASSWORD=$(cat {stack.settings.password}) psql -h 127.0.0.1 -p {stack.settings.postgres_port} -U postgres dora
send   curl -i {stack.broker_url} -H 'content-type: application/cloudevents+json' \\
            -d '{json.dumps(EVENT)}'

stop   Ctrl-C
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
