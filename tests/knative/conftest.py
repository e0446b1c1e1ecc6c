from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from local.processes import StackError
from tests.broker import conftest as broker_fixtures
from tests.broker.stand import StartBroker, Subscriber, Trigger
from tests.conftest import open_folder
from tests.knative.cluster import Cluster
from tests.knative.event_display import EventDisplay, may_leave_network
from tests.knative.page import Page
from tests.knative.real_broker import RealBroker
from tests.knative.stage import Stage
from tests.knative.tools import ready_tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import ExitStack
    from pathlib import Path
    from types import FrameType

closing = broker_fixtures.closing
dead_letters = broker_fixtures.dead_letters
subscriber = broker_fixtures.subscriber


@pytest.fixture(scope="session")
def cluster(data_folder: Path) -> Iterator[Cluster]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        pytest.exit("told to stop", 143)

    signal.signal(signal.SIGTERM, stop)
    try:
        tools = ready_tools()
        with Cluster(tools, open_folder(data_folder)).running() as running:
            yield running
    except StackError as error:
        pytest.exit(str(error), 1)


@pytest.fixture(scope="session")
def page(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(cluster, tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def stage(
    cluster: Cluster, page: Page, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("sockeye")
    sockeye = EventDisplay(cluster.tools, folder) if may_leave_network() else Subscriber()
    stage = Stage(cluster, sockeye)
    stage.first_metric = page.follow(stage.deploy_functions)
    yield stage
    sockeye.close()


@pytest.fixture
def start_broker(cluster: Cluster, dead_letters: Subscriber, closing: ExitStack) -> StartBroker:
    """Start a Broker with Triggers; what fails twice more goes to the dead letters."""

    def start(triggers: Mapping[str, Trigger]) -> RealBroker:
        broker = RealBroker(cluster, triggers, dead_letters)
        closing.callback(broker.close)
        return broker

    return start


@pytest.fixture(scope="session")
def lasting(cluster: Cluster) -> Iterator[tuple[RealBroker, Subscriber]]:
    seen, dead_letters = Subscriber(), Subscriber()
    broker = RealBroker(cluster, {"seen": Trigger(seen)}, dead_letters)
    yield broker, seen
    broker.close()
    seen.close()
    dead_letters.close()


@pytest.fixture
def taking(lasting: tuple[RealBroker, Subscriber]) -> tuple[RealBroker, Subscriber]:
    """Return a Broker, and the subscriber to all that it takes."""
    lasting[1].forget()
    return lasting
