from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.broker.stand import (
    Answer,
    LocalBroker,
    StartBroker,
    Subscriber,
    Trigger,
    sink,
    write_manifests,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Close what a test opened, the broker before the subscribers."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def subscriber(closing: ExitStack) -> Callable[..., Subscriber]:
    def start(*answers: Answer) -> Subscriber:
        started = Subscriber(*answers)
        closing.callback(started.close)
        return started

    return start


@pytest.fixture
def dead_letters(subscriber: Callable[..., Subscriber]) -> Subscriber:
    return subscriber()


@pytest.fixture
def start_broker(tmp_path: Path, dead_letters: Subscriber, closing: ExitStack) -> StartBroker:
    """Start a broker with Triggers; what fails twice more goes to the dead letters."""

    def start(triggers: dict[str, Trigger], **options: Any) -> LocalBroker:
        delivery = {"retry": 2, "backoffPolicy": "exponential", "backoffDelay": "PT0.01S"}
        delivery |= {"deadLetterSink": sink("dead-letters")}
        files = write_manifests(tmp_path, triggers, delivery)
        services = {name: trigger.subscriber.url for name, trigger in triggers.items()}
        broker = LocalBroker(files, services | {"dead-letters": dead_letters.url}, **options)
        closing.callback(broker.close)
        return broker

    return start


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
