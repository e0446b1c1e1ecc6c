"""Image references as package URLs."""

from __future__ import annotations

import pytest

from dora.errors import PermanentError
from dora.tools.artifacts import image_purl


@pytest.mark.parametrize(
    ("image", "purl"),
    [
        ("nginx:1.14.2", "pkg:oci/nginx?tag=1.14.2"),
        ("docker.io/library/nginx:1.14.2", "pkg:oci/nginx?tag=1.14.2"),
        ("nginx", "pkg:oci/nginx?tag=latest"),
        ("acme/shop:1", "pkg:oci/shop?repository_url=docker.io/acme/shop&tag=1"),
        ("ghcr.io/acme/shop:1", "pkg:oci/shop?repository_url=ghcr.io/acme/shop&tag=1"),
        (
            "ghcr.io/acme/shop@sha256:8c1f",
            "pkg:oci/shop@sha256:8c1f?repository_url=ghcr.io/acme/shop",
        ),
        (
            "ghcr.io/acme/shop:1@sha256:8c1f",
            "pkg:oci/shop@sha256:8c1f?repository_url=ghcr.io/acme/shop&tag=1",
        ),
        (
            "registry.local:5000/shop",
            "pkg:oci/shop?repository_url=registry.local:5000/shop&tag=latest",
        ),
        ("localhost/shop:1", "pkg:oci/shop?repository_url=localhost/shop&tag=1"),
    ],
)
def test_an_image_is_a_package_url(image: str, purl: str) -> None:
    assert image_purl(image) == purl


@pytest.mark.parametrize("image", ["", ":", "ghcr.io/", "@sha256:8c1f"])
def test_what_is_no_image_reference_is_refused(image: str) -> None:
    with pytest.raises(PermanentError, match="expected an image reference"):
        image_purl(image)
