"""Which container of a pod is the service."""

from __future__ import annotations

from typing import Any

import pytest

from dora.errors import PermanentError
from dora.tools.containers import is_sidecar, main_image


def template(*containers: tuple[str, str], default: str | None = None) -> dict[str, Any]:
    """Make a pod template of containers, each with its name and its image."""
    annotations = {"kubectl.kubernetes.io/default-container": default} if default else {}
    listed = [{"name": name, "image": image} for name, image in containers]
    return {"metadata": {"annotations": annotations}, "spec": {"containers": listed}}


WEB, PROXY, CACHE = ("web", "acme/web:1"), ("istio-proxy", "istio/proxyv2:1"), ("cache", "redis:7")


@pytest.mark.parametrize(
    ("pod", "service", "image"),
    [
        (template(CACHE, WEB, default="web"), "cache", "acme/web:1"),
        (template(CACHE, WEB), "web", "acme/web:1"),
        (
            template(CACHE, ("main", "ghcr.io/acme/shop@sha256:ab")),
            "shop",
            "ghcr.io/acme/shop@sha256:ab",
        ),
        (template(PROXY, WEB), "shop", "acme/web:1"),
        (template(CACHE, WEB), "shop", "redis:7"),
        (template(PROXY), "shop", "istio/proxyv2:1"),
        (template(PROXY, WEB, default="gone"), "shop", "acme/web:1"),
    ],
)
def test_the_image_of_the_service(pod: dict[str, Any], service: str, image: str) -> None:
    assert main_image(pod, service) == image


@pytest.mark.parametrize("wrong", [template(), {}, {"spec": {"containers": [{"name": "web"}]}}])
def test_a_pod_without_images_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PermanentError):
        main_image(wrong, "shop")


@pytest.mark.parametrize(
    "name",
    [
        *("linkerd-proxy", "cloud-sql-proxy", "vault-agent", "fluent-bit"),
        *("daprd", "redis-exporter", "queue-proxy", "otel-collector"),
    ],
)
def test_what_stands_beside_services_is_known(name: str) -> None:
    assert is_sidecar(name)


@pytest.mark.parametrize("name", ["shop", "agents", "vectors", "web", "user-container", "", None])
def test_anything_else_may_be_a_service(name: str | None) -> None:
    assert not is_sidecar(name)
