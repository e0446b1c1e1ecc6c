"""Answer GET with the metrics, as JSON; anyone may curl it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from parliament import Context

from dora.database import one
from dora.errors import NotFoundError
from dora.function import on_get
from dora.parameters import FILTERS, read_parameters

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

BUCKETS = ("day", "week", "month", "year")
PATHS = {
    "/": "what there is",
    "/deploy-frequency": "how often each service is deployed, in the last 90 days",
} | {f"/deploy-frequency/{bucket}": f"deployments per service and {bucket}" for bucket in BUCKETS}


@on_get
def main(context: Context) -> str:
    """Answer by the path."""
    path, arguments = context.request.path, context.request.args
    if path not in PATHS:
        raise NotFoundError(f"expected one of the paths {', '.join(PATHS)}, got {path!r:.80}")
    if path == "/":
        return _overview(arguments)
    if path == "/deploy-frequency":
        return _frequency(arguments)
    return _volume(arguments, path.removeprefix("/deploy-frequency/"))


def _overview(arguments: MultiDict[str, str]) -> str:
    read_parameters(arguments, {})
    return json.dumps({"paths": PATHS, "parameters": FILTERS}, indent=2)


def _frequency(arguments: MultiDict[str, str]) -> str:
    filters = read_parameters(arguments, FILTERS)
    answer: str = one("metrics/deployment-frequency/query_frequency", **filters)
    return answer


def _volume(arguments: MultiDict[str, str], bucket: str) -> str:
    filters = read_parameters(arguments, FILTERS)
    answer: str = one("metrics/deployment-frequency/query_volume", bucket=bucket, **filters)
    return answer
