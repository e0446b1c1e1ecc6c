"""Backstage's entities as a catalog: the components of a catalog-info.yaml are services.

https://backstage.io/docs/features/software-catalog/descriptor-format has the fields,
https://backstage.io/docs/features/software-catalog/well-known-annotations the annotations. Nothing that
an entity refers to is fetched.
"""

from __future__ import annotations

import re
from typing import Any

from dora.catalog.entries import CatalogError, Entries, documents, text

# An annotation with the name of a project → where it is.
SLUGS = {"github.com/project-slug": "github.com", "gitlab.com/project-slug": "gitlab.com"}
LOCATION, PAGERDUTY = "backstage.io/source-location", "pagerduty.com/service-id"
# An address of a folder in a repository of GitHub, GitLab or Bitbucket ends with one of these.
FOLDER = re.compile(r"/(-/)?(tree|blob|src)/.*")


def read(file: str, written: str) -> Entries:
    """Return the services, their teams, repositories and aliases, of a file's entities.

    Raises:
        CatalogError: it is no YAML, or a component has no name.
    """
    services: dict[str, Entries] = {}
    for entity in documents(file, written):
        if isinstance(entity, dict) and entity.get("kind") == "Component":
            metadata = _mapping(entity, "metadata")
            name = text(metadata.get("name"), f"metadata.name of a Component in {file}")
            services[name] = _service(entity, metadata, file) | services.get(name, {})
    return {"services": services}


def _service(entity: dict[str, Any], metadata: dict[str, Any], file: str) -> Entries:
    annotations = _mapping(metadata, "annotations")
    service: Entries = {}
    if owner := _mapping(entity, "spec").get("owner"):
        # Of a reference such as group:default/storefront only the name.
        service["team"] = re.split("[:/]", text(owner, f"spec.owner in {file}"))[-1]
    if repositories := _repositories(annotations, file):
        service["repositories"] = [{"repository_url": url, "paths": None} for url in repositories]
    if PAGERDUTY in annotations:
        name = text(annotations[PAGERDUTY], f"{PAGERDUTY} in {file}")
        service["aliases"] = [{"name": name, "tool": "pagerduty", "environment": ""}]
    return service


def _repositories(annotations: dict[str, Any], file: str) -> list[str]:
    instance = annotations.get("gitlab.com/instance")
    hosts = SLUGS | ({"gitlab.com/project-slug": str(instance)} if instance else {})
    found = [
        f"https://{host}/{text(annotations[name], f'{name} in {file}')}"
        for name, host in hosts.items()
        if name in annotations
    ]
    location = str(annotations.get(LOCATION, ""))
    if location.startswith("url:"):
        found.append(FOLDER.sub("", location.removeprefix("url:").rstrip("/")))
    return list(dict.fromkeys(found))


def _mapping(entity: dict[str, Any], part: str) -> dict[str, Any]:
    given = entity.get(part) or {}
    if not isinstance(given, dict):
        raise CatalogError(f"expected a mapping as {part} of a Component, got {given!r:.80}")
    return given
