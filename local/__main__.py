"""`make run`: start the stack, bring the demo, show the five metrics, stay until Ctrl-C."""

from __future__ import annotations

import json
import signal
import sys
from datetime import UTC, datetime

import requests

from dora.commands.command import Stop
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
    """Run until SIGINT or SIGTERM; return the exit status."""
    stop = Stop(second=signal.SIG_IGN)  # what was started is always ended
    try:
        with Stack(Settings.read()).running() as stack:
            if stack.settings.demo:
                sending.send(stack, datetime.now(UTC))
            _show(stack)
            while not stop.told:
                stack.restart_what_died()
                stop.wait(1)
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
       psql -h 127.0.0.1 -p {stack.settings.postgres_port} -U postgres dora
send   curl -i {stack.broker_url} -H 'content-type: application/cloudevents+json' \\
            -d '{json.dumps(EVENT)}'

stop   Ctrl-C
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
