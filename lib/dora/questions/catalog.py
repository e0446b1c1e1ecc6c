"""Who owns what: the teams and repositories of services, by the catalog and the events."""

from __future__ import annotations

from dataclasses import dataclass, field

from dora.database import run


@dataclass(frozen=True)
class Catalog:
    """Teams and repositories by service."""

    teams: dict[str, str] = field(default_factory=dict)
    repositories: dict[str, set[str]] = field(default_factory=dict)

    def services_of_teams(self, teams: list[str]) -> set[str]:
        """Return the services of any of the teams."""
        return {service for service, team in self.teams.items() if team in teams}

    def services_of_repositories(self, repositories: list[str]) -> set[str]:
        """Return the services that come from any of the repositories."""
        return {
            service
            for service, known in self.repositories.items()
            if known.intersection(repositories)
        }


def read_catalog() -> Catalog:
    """Return what the catalog says; where it says nothing, what the events tell."""
    repositories: dict[str, set[str]] = {}
    for service, repository in run("endpoints/metrics/read_repositories"):
        repositories.setdefault(service, set()).add(repository)
    return Catalog(dict(map(tuple, run("endpoints/metrics/read_teams"))), repositories)
