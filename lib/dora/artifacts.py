"""Artifact ids: package URLs of container images.

https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
"""

from __future__ import annotations

from packageurl import PackageURL

from dora.errors import PermanentError

DOCKER_HUB = "docker.io"


def image_purl(image: str) -> str:
    """Give the package URL of an image reference, such as `ghcr.io/acme/shop:1.0.0`.

    The digest is the version where there is one. The repository is left out for Docker Hub's
    official images, so `nginx` and `docker.io/library/nginx` are one.

    Raises:
        PermanentError: it is no image reference.
    """
    name, _, digest = image.partition("@")
    repository, tag = _split_tag(name)
    repository = _full(repository)
    qualifiers = {"tag": tag or ("" if digest else "latest")}
    if not repository.startswith(f"{DOCKER_HUB}/library/"):
        qualifiers["repository_url"] = repository
    try:
        return PackageURL(
            "oci", None, repository.rpartition("/")[2].lower(), digest or None, qualifiers
        ).to_string()
    except ValueError as error:
        raise PermanentError(f"expected an image reference, got {image!r:.80}") from error


def _split_tag(name: str) -> tuple[str, str]:
    # A colon before the last slash is the registry's port.
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, "")


def _full(repository: str) -> str:
    """Give the repository with its registry: a first part with a dot or port, else Docker Hub."""
    registry, slash, _ = repository.partition("/")
    if slash and ("." in registry or ":" in registry or registry == "localhost"):
        return repository
    return f"{DOCKER_HUB}/{repository}" if slash else f"{DOCKER_HUB}/library/{repository}"
