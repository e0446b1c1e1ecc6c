"""Sending to the Broker: what is tried again, what is refused, what is kept open."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cloudevents.http import CloudEvent

from dora import sink
from dora.errors import PermanentError, TemporaryError
from local.processes import free_port
from tests.broker.stand import Answer, Subscriber

EVENT = CloudEvent({"id": "1", "source": "/tests", "type": "test.happened"}, {"hello": "wörld"})


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Subscriber]:
    """A sink that takes everything."""
    yield from _listening(monkeypatch, Answer(202))


def _listening(monkeypatch: pytest.MonkeyPatch, *answers: Answer) -> Iterator[Subscriber]:
    subscriber = Subscriber(*answers)
    monkeypatch.setenv("K_SINK", subscriber.url)
    yield subscriber
    sink.close()
    subscriber.close()


def _answering(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    for _ in _listening(monkeypatch, Answer(status)):
        sink.send([EVENT])


def test_events_arrive_whole_and_in_order(broker: Subscriber) -> None:
    other = CloudEvent({"id": "2", "source": "/tests", "type": "test.happened"}, None)

    sink.send([EVENT, other])

    first, second = (json.loads(body) for body in broker.bodies)
    assert (first["id"], second["id"]) == ("1", "2")
    assert first["data"] == {"hello": "wörld"}


def test_a_token_that_is_there_is_shown_as_it_is_now(
    broker: Subscriber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink, "TOKEN", tmp_path / "token")

    for token in ("", "one", "another"):
        if token:
            (tmp_path / "token").write_text(f"{token}\n")
        sink.send([EVENT])

    assert broker.shown == [None, "Bearer one", "Bearer another"]


@pytest.mark.parametrize("status", [404, 408, 409, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_worth_another_try(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    with pytest.raises(TemporaryError, match=f"the Broker answers {status}"):
        _answering(monkeypatch, status)


@pytest.mark.parametrize("status", [400, 401, 403, 413, 422])
def test_what_can_never_be_right_is_refused(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    with pytest.raises(PermanentError, match=f"the Broker refuses this event with {status}"):
        _answering(monkeypatch, status)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_means_that_it_is_taken(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    _answering(monkeypatch, status)


def test_a_broker_that_is_away_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K_SINK", f"http://127.0.0.1:{free_port()}")

    with pytest.raises(TemporaryError, match="the Broker is away"):
        sink.send([EVENT])


def test_pagerduty_gets_an_answer_before_it_gives_up() -> None:
    assert sink.CONNECT_SECONDS + sink.ANSWER_SECONDS < 5


def test_a_broker_that_never_answers_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink, "ANSWER_SECONDS", 0.05)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        monkeypatch.setenv("K_SINK", f"http://127.0.0.1:{silent.getsockname()[1]}")

        with pytest.raises(TemporaryError, match="the Broker is away"):
            sink.send([EVENT])
    sink.close()


def test_without_a_sink_binding_the_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("K_SINK", raising=False)

    with pytest.raises(TemporaryError, match="a SinkBinding sets it"):
        sink.send([EVENT])


def test_a_proxy_of_the_environment_is_not_for_the_broker(
    broker: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")

    sink.send([EVENT])

    assert len(broker.bodies) == 1


def test_a_connection_that_the_broker_closed_meanwhile_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        monkeypatch.setenv("K_SINK", f"http://127.0.0.1:{server.getsockname()[1]}")
        threading.Thread(target=_hang_up_once, args=(server, taken), daemon=True).start()

        sink.send([EVENT])
    sink.close()


def _hang_up_once(server: socket.socket, taken: bytes) -> None:
    for answer in (b"", taken):
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)
