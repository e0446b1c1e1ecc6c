"""Who owns what: the teams, repositories and production environments of services.

`catalog.yaml`, a ConfigMap's file named by the environment variable DORA_CATALOG:

    services:
      shop:
        team: storefront
        repositories: [https://github.com/acme/shop]
        environments: [blue, green]

`environments` are the service's production, in place of what the table environment_tiers says. Every
part is optional; teams and repositories that the catalog does not say, the services' events tell.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dora.database import run
from dora.errors import TemporaryError


@dataclass(frozen=True)
class Catalog:
    """Teams, repositories and production environments by service."""

    teams: dict[str, str] = field(default_factory=dict)
    repositories: dict[str, set[str]] = field(default_factory=dict)
    production: dict[str, set[str]] = field(default_factory=dict)

    def services_of_teams(self, teams: list[str]) -> set[str]:
        """Give the services of any of the teams."""
        return {service for service, team in self.teams.items() if team in teams}

    def services_of_repositories(self, repositories: list[str]) -> set[str]:
        """Give the services that come from any of the repositories."""
        return {
            service
            for service, known in self.repositories.items()
            if known.intersection(repositories)
        }


def read_catalog() -> Catalog:
    """Give what catalog.yaml says, filled up with what the events tell.

    Raises:
        TemporaryError: catalog.yaml cannot be read as such.
    """
    said = _file(os.environ.get("DORA_CATALOG"))
    teams = {service: team for service, team in run("endpoints/metrics/read_teams") if team}
    repositories: dict[str, set[str]] = {}
    for service, repository in run("endpoints/metrics/read_repositories"):
        repositories.setdefault(service, set()).add(repository)
    return Catalog(teams | said.teams, repositories | said.repositories, said.production)


def _file(path: str | None) -> Catalog:
    if not path or not Path(path).is_file():
        return Catalog()
    return _parsed(path, Path(path).stat().st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _parsed(path: str, _changed_at_ns: int) -> Catalog:
    try:
        services = yaml.safe_load(Path(path).read_text())["services"]
        return Catalog(
            {name: str(said["team"]) for name, said in services.items() if said.get("team")},
            _sets(services, "repositories"),
            _sets(services, "environments"),
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise TemporaryError(
            "expected catalog.yaml to map services to their team, and to lists of their repositories "
            "and production environments"
        ) from error


def _sets(services: dict[str, Any], part: str) -> dict[str, set[str]]:
    said = {name: each[part] for name, each in services.items() if each.get(part)}
    if not all(isinstance(listed, list) for listed in said.values()):
        raise TypeError
    return {name: set(map(str, listed)) for name, listed in said.items()}
