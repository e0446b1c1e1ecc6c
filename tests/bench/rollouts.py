"""Events like the recorded ones of a Kubernetes rollout, each a happening of its own."""

from __future__ import annotations

import copy
import json
import uuid
from typing import Any

from local.events import recorded_events
from tests.bench.load import Request
from tests.events import carried, revision

# Lines of the recording, 4 kB each: nginx-deployment's second revision under way, and done.
UNFINISHED, FINISHED = 17, 20
BATCH_EVENTS = 1_000
REVISIONS = 10  # of each service, where several events are one service's


class Rollouts:
    """Makes requests that send events in binary mode, as an ApiServerSource does."""

    def __init__(self) -> None:
        recorded = recorded_events()
        self._unfinished = json.loads(recorded[UNFINISHED])
        self._finished = json.loads(recorded[FINISHED])

    def of_another_kind(self, url: str, count: int) -> list[Request]:
        """Make events that no transformer asks for."""
        event = self._unfinished | {"kind": "ReplicaSet"}
        return [_request(url, event) for _ in range(count)]

    def unfinished(self, url: str, count: int) -> list[Request]:
        """Make events of rollouts that are not done yet."""
        return [_request(url, self._unfinished) for _ in range(count)]

    def finished(
        self, url: str, count: int, name: str, revisions: int = REVISIONS
    ) -> list[Request]:
        """Make events of so many different revisions that are done; services have a number each."""
        return [
            _request(
                url, self._revision(f"{name}-{number // revisions:05}", number % revisions + 1)
            )
            for number in range(count)
        ]

    def kept_batches(self, url: str, count: int) -> list[Request]:
        """Make batches of events of rollouts."""
        events = [self._unfinished | {"id": str(uuid.uuid4())} for _ in range(count)]
        return _batches(url, events)

    def cdevent_batches(self, url: str, count: int) -> list[Request]:
        """Make batches of the CDEvents of so many different revisions."""
        return _batches(
            url, [carried(revision(1, "t", id=f"b{each}", uid=f"u{each}")) for each in range(count)]
        )

    def _revision(self, name: str, revision: int) -> dict[str, Any]:
        event = copy.deepcopy(self._finished)
        metadata = event["data"]["metadata"]
        metadata["name"] = event["name"] = name
        metadata["uid"] = str(uuid.uuid5(uuid.NAMESPACE_OID, name))
        metadata["annotations"]["deployment.kubernetes.io/revision"] = str(revision)
        # With the image of the revision before, it would be a restart.
        event["data"]["spec"]["template"]["spec"]["containers"][0]["image"] = f"nginx:{revision}"
        return dict(event)


def _request(url: str, event: dict[str, Any]) -> Request:
    attributes = event | {"id": str(uuid.uuid4())}
    data, content_type = attributes.pop("data"), attributes.pop("datacontenttype")
    headers = {f"ce-{name}": value for name, value in attributes.items()}
    return Request(url, headers | {"content-type": content_type}, json.dumps(data))


def _batches(url: str, events: list[dict[str, Any]]) -> list[Request]:
    headers = {"content-type": "application/cloudevents-batch+json"}
    return [
        Request(url, headers, json.dumps(events[start : start + BATCH_EVENTS]))
        for start in range(0, len(events), BATCH_EVENTS)
    ]
