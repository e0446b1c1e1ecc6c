"""What an ApiServerSource watches, and the events that it sends of that.

https://knative.dev/docs/eventing/sources/apiserversource/reference/ has the fields of its spec.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.errors import PermanentError
from dora.tools.payloads import fields, get, listed, text, text_or_none
from dora.tools.workloads import KINDS

if TYPE_CHECKING:
    from dora.commands.api_server import ApiServer
    from dora.tools.workloads import Rollout

UPDATE = "dev.knative.apiserver.resource.update"
OPERATORS = {"In": "{key} in ({values})", "NotIn": "{key} notin ({values})", "Exists": "{key}"}
OPERATORS["DoesNotExist"] = "!{key}"


class Resource(NamedTuple):
    """A kind of workloads, of one namespace or of all.

    Attributes:
        path: of their list.
        named: what the objects of a list leave out: apiVersion and kind.
        labels: a selector of labels; empty means all.
    """

    path: str
    named: dict[str, str]
    labels: str


class Watched:
    """What a source watches in its cluster."""

    def __init__(self, address: str, source: Any) -> None:
        """Read a source that reports whole objects.

        Args:
            address: of the API server.
            source: the ApiServerSource.

        Raises:
            PermanentError: it reports references, or some objects only by rules that are not known.
        """
        spec = fields(source, "spec")
        if get(spec, "mode") != "Resource" or get(spec, "filters") or get(spec, "owner"):
            raise PermanentError("expected a source in mode Resource, without filters and owner")
        self.sink: str | None = text_or_none(source, "status", "sinkUri")
        self._address, self._said = address, fields(spec, "ceOverrides", "extensions")
        self._namespaces = listed(source, "status", "namespaces")
        # An empty selector means all namespaces, also such as are made later.
        self._is_of_all = get(spec, "namespaceSelector") == {}
        own = None if "namespaceSelector" in spec else text(source, "metadata", "namespace")
        known = [each for each in listed(spec, "resources") if get(each, "kind") in KINDS]
        self.resources = [_resource(each, own) for each in known]

    def has(self, workload: Any) -> bool:
        """Return whether it is in a namespace that the source watches."""
        return self._is_of_all or get(workload, "metadata", "namespace") in self._namespaces

    def event(self, workload: Any, done: Rollout) -> str:
        """Return the event, in JSON format, that the source would send of a rollout that is done.

        Its id and time are the rollout's, so that the same one is the same event.
        """
        kind, version = text(workload, "kind"), text(workload, "apiVersion")
        namespace = text(workload, "metadata", "namespace")
        name = text(workload, "metadata", "name")
        attributes = {
            "specversion": "1.0",
            "id": f"{done.uid}/{done.revision}",
            "source": self._address,
            "type": UPDATE,
            "subject": f"/apis/{version}/namespaces/{namespace}/{kind.lower()}s/{name}",
            "time": done.done_at,
            "datacontenttype": "application/json",
            "kind": kind,
            "apiversion": version,
            "name": name,
            "namespace": namespace,
        }
        return json.dumps({**attributes, **self._said, "data": workload})


def watched(server: ApiServer, name: str) -> Watched:
    """Read what the ApiServerSource of this name, in the account's namespace, watches.

    Raises:
        NotFoundError: there is none.
    """
    path = f"/apis/sources.knative.dev/v1/namespaces/{server.namespace}/apiserversources/{name}"
    return Watched(server.address, server.get(path))


def _resource(said: Any, namespace: str | None) -> Resource:
    version, kind = text(said, "apiVersion"), text(said, "kind")
    within = f"/namespaces/{namespace}" if namespace else ""
    path = f"/apis/{version}{within}/{kind.lower()}s"
    return Resource(path, {"apiVersion": version, "kind": kind}, _labels(get(said, "selector")))


def _labels(selector: Any) -> str:
    """Return a selector of labels as a query has it.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """
    equal = [f"{key}={value}" for key, value in fields(selector, "matchLabels").items()]
    return ",".join(equal + [_expression(each) for each in listed(selector, "matchExpressions")])


def _expression(said: Any) -> str:
    values = ",".join(map(str, listed(said, "values")))
    return OPERATORS[text(said, "operator")].format(key=text(said, "key"), values=values)
