"""Which container of a pod is the service; the others stand beside it."""

from __future__ import annotations

import re
from typing import Any

from dora.errors import PermanentError
from dora.tools.payloads import listed, text, text_or_none

DEFAULT = "kubectl.kubernetes.io/default-container"
# What meshes, secret stores, logging, monitoring and databases' proxies put beside a service, by the
# name of the container or of its image.
SIDECAR = re.compile(
    r"(.+[-_])?(proxy|sidecar|exporter|agent|collector|otelcol|fluentd|fluentbit|fluent-bit"
    r"|filebeat|promtail|vector|envoy|daprd|linkerd-proxy|queue-proxy|config-reloader)"
    r"([-_].+)?|otel-.+|otc-container|istio-.+|linkerd-.+|consul-.+|vault-.+|cloud-?sql-.+"
    r"|datadog-.+|dd-.+|jaeger-.+|git-sync|k8s-sidecar"
)


def images(template: Any) -> list[str]:
    """Return the images of a pod template's containers in their order.

    Raises:
        PermanentError: there is no container, or one has no image.
    """
    containers = listed(template, "spec", "containers")
    if not containers:
        raise PermanentError("expected a pod template with at least one container, got none")
    return [text(container, "image") for container in containers]


def main_image(template: Any, service: str) -> str:
    """Return the image that makes the version of a service.

    It is that of the container which kubectl takes by default, else of the one that is called like
    the service or has an image that is, else of the first that is no known sidecar.

    Raises:
        PermanentError: there is no container, or one has no image.
    """
    default = text_or_none(template, "metadata", "annotations", DEFAULT)
    containers = listed(template, "spec", "containers")
    named = [
        (text_or_none(container, "name"), short_name(image), image)
        for container, image in zip(containers, images(template), strict=True)
    ]
    by_rank = [
        *(image for name, _, image in named if default and name == default),
        *(image for name, short, image in named if service in (name, short)),
        *(image for name, short, image in named if not (is_sidecar(name) or is_sidecar(short))),
        *(image for _, _, image in named),
    ]
    return by_rank[0]


def is_sidecar(name: str | None) -> bool:
    """Return whether a container or an image of this name stands beside services."""
    return SIDECAR.fullmatch(name or "") is not None


def short_name(image: str) -> str:
    """Return the last part of an image's repository: `shop` of `ghcr.io/acme/shop:1`."""
    return re.sub(r"[:@].*", "", image.rpartition("/")[2])
