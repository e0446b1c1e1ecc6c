"""Artifact ids: package URLs of container images, and of what a repository holds.

https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
https://github.com/package-url/purl-spec/blob/main/types-doc/github-definition.md
https://github.com/package-url/purl-spec/blob/main/types-doc/generic-definition.md
"""

from __future__ import annotations

import contextlib
import re

from packageurl import PackageURL

from dora.errors import PermanentError

DOCKER_HUB = "docker.io"
# The tools of which package URLs have a type, each with its public installation.
HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
NAME = re.compile(r"[a-z0-9]+([._-]+[a-z0-9]+)*")


def artifact_id(named: str) -> str:
    """Return the package URL of what is named by one, or by an image reference.

    Raises:
        PermanentError: it is neither.
    """
    if not named.startswith("pkg:"):
        return image_purl(named)
    try:
        return PackageURL.from_string(named).to_string()
    except ValueError:
        raise PermanentError(f"expected a package URL, got {named!r:.80}") from None


def purl_name(purl: str) -> str:
    """Return the name in a package URL of an image: `shop` of `pkg:oci/shop@sha256:…`."""
    return re.split("[@?]", purl)[0].rpartition("/")[2]


def package_purl(kind: str, namespace: str | None, name: str, version: str) -> str:
    """Return the package URL of a version of something that is no image, such as a Helm chart.

    Raises:
        PermanentError: a part of it is not what a package URL can hold.
    """
    try:
        return PackageURL(kind, namespace, name, version).to_string()
    except (TypeError, ValueError):  # it fails in its own way on a version that is only spaces
        raise PermanentError(f"expected the name of a package, got {name!r:.80}") from None


def deployed_artifact(service: str | None, commit: str | None, *named: str | None) -> str | None:
    """Return the artifact that was deployed: the first that is named, else the service's commit.

    None where neither is known; what is named and no artifact is passed over.
    """
    for artifact in filter(None, named):
        with contextlib.suppress(PermanentError):
            return artifact_id(artifact)
    return package_purl("generic", None, service, commit) if service and commit else None


def image_purl(image: str) -> str:
    """Return the package URL of an image reference, such as `ghcr.io/acme/shop:1.0.0`.

    The digest is the version where there is one. The repository is left out for Docker Hub's
    official images, so `nginx` and `docker.io/library/nginx` are one.

    Raises:
        PermanentError: it is no image reference.
    """
    name, _, digest = image.partition("@")
    repository, tag = _split_tag(name)
    repository = _full(repository)
    short_name = repository.rpartition("/")[2].lower()
    if not NAME.fullmatch(short_name):
        raise PermanentError(f"expected an image reference, got {image!r:.80}")
    qualifiers = {"tag": tag or ("" if digest else "latest")}
    if not repository.startswith(f"{DOCKER_HUB}/library/"):
        qualifiers["repository_url"] = repository
    return PackageURL("oci", None, short_name, digest or None, qualifiers).to_string()


def source_purl(tool: str, repository: str, version: str) -> str:
    """Return the package URL of a version (a commit, a tag) of a repository at its URL.

    Args:
        tool: where it is kept. One that package URLs have no type for is generic, and its repository
            is named in a qualifier; so is an installation of one's own.
        repository: the repository's URL.
        version: a commit or a tag.

    Raises:
        PermanentError: the URL names no repository.
    """
    address, _, path = repository.partition("://")[2].partition("/")
    namespace, _, name = path.rpartition("/")
    if not namespace or not name:
        raise PermanentError(f"expected the URL of a repository, got {repository!r:.80}")
    if tool not in HOSTS:
        qualifiers = {"vcs_url": f"git+{repository}"}
        return PackageURL("generic", namespace, name, version, qualifiers).to_string()
    own = {} if address == HOSTS[tool] else {"repository_url": repository}
    return PackageURL(tool, namespace, name, version, own).to_string()


def _split_tag(name: str) -> tuple[str, str]:
    # A colon before the last slash is the registry's port.
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, "")


def _full(repository: str) -> str:
    """Return the repository with its registry: a first part with a dot or port, else Docker Hub."""
    registry, slash, _ = repository.partition("/")
    if slash and ("." in registry or ":" in registry or registry == "localhost"):
        return repository
    return f"{DOCKER_HUB}/{repository}" if slash else f"{DOCKER_HUB}/library/{repository}"
