"""The scenarios of the Broker's stand-in, against the real Broker, and what only that one does."""

from __future__ import annotations

from tests.broker.stand import event
from tests.broker.test_delivery import *  # noqa: F403 - pytest runs the scenarios from here
from tests.broker.test_filters import *  # noqa: F403
from tests.broker.test_ingress import *  # noqa: F403
from tests.broker.test_ingress import Taking


def test_a_body_of_four_mebibytes_is_taken(taking: Taking) -> None:
    broker, seen = taking

    broker.send(event(), b"x" * 4_194_304)

    assert [len(body) for body in seen.bodies] == [4_194_304]
