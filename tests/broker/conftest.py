from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.broker.stand import (
    DELIVERY,
    Answer,
    LocalBroker,
    RunningBroker,
    StartBroker,
    StartStandIn,
    StartSubscriber,
    Subscriber,
    Trigger,
    sink,
    write_manifests,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Close what a test opened, the broker before the subscribers."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def subscriber(closing: ExitStack) -> StartSubscriber:
    def start(*answers: Answer) -> Subscriber:
        started = Subscriber(*answers)
        closing.callback(started.close)
        return started

    return start


@pytest.fixture
def dead_letters(subscriber: StartSubscriber) -> Subscriber:
    return subscriber()


@pytest.fixture
def start_broker(tmp_path: Path, dead_letters: Subscriber, closing: ExitStack) -> StartStandIn:
    """Start a broker with Triggers; what fails twice more goes to the dead letters."""

    def start(triggers: Mapping[str, Trigger], **options: Any) -> LocalBroker:
        delivery = DELIVERY | {"deadLetterSink": sink("dead-letters")}
        files = write_manifests(tmp_path, triggers, delivery)
        services = {name: trigger.subscriber.url for name, trigger in triggers.items()}
        broker = LocalBroker(files, services | {"dead-letters": dead_letters.url}, **options)
        closing.callback(broker.close)
        return broker

    return start


@pytest.fixture
def taking(
    start_broker: StartBroker, subscriber: StartSubscriber
) -> tuple[RunningBroker, Subscriber]:
    """Return a broker, and the subscriber to all that it takes."""
    seen = subscriber()
    return start_broker({"seen": Trigger(seen)}), seen
