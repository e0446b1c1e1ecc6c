"""`make run`: start the stack, show a rollout becoming a metric, stay until Ctrl-C."""

from __future__ import annotations

import json
import signal
import sys

import requests

from dora.commands.command import Stop
from local.events import send_recorded, wait_until_quiet
from local.processes import StackError
from local.stack import Settings, Stack


def main() -> int:
    """Run until SIGINT or SIGTERM; return the exit status."""
    stop = Stop(second=signal.SIG_IGN)  # what was started is always ended
    try:
        with Stack(Settings.read()).running() as stack:
            if stack.settings.demo:
                _show_recorded_rollouts(stack)
            _show_addresses(stack)
            while not stop.told:
                stack.restart_what_died()
                stop.wait(1)
            print("\nstopping; the data stays in", stack.settings.data, flush=True)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _show_recorded_rollouts(stack: Stack) -> None:
    count = send_recorded(stack.broker_url)
    wait_until_quiet(stack.settings.broker_port)
    print(f"\nsent   {count} recorded events of Kubernetes rollouts; deployments a day:\n")
    rows = requests.get(f"{stack.metrics_url}/deploy-frequency/day", timeout=10).json()
    for row in [{"Time": "Time", "DeployName": "DeployName", "Deployments": "Deployments"}, *rows]:
        print(f"       {row['Time']:<22} {row['DeployName']:<20} {row['Deployments']:>11}")


def _show_addresses(stack: Stack) -> None:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/try",
        "type": "try.it",
        "data": {"hello": "world"},
    }
    print(
        f"""
try    curl {stack.metrics_url}/deploy-frequency/day
       curl {stack.metrics_url}/
       curl -i {stack.broker_url} -H 'content-type: application/cloudevents+json' \\
            -d '{json.dumps(event)}'
       psql -h 127.0.0.1 -p {stack.settings.postgres_port} -U postgres dora

stop   Ctrl-C
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
