"""Who owns what: the teams of services, and those that come from repositories."""

from __future__ import annotations

from typing import NamedTuple

from dora.database import run


class Owners(NamedTuple):
    """What the filters by team and repository mean.

    Attributes:
        teams: by service; what has none is not in it.
        repositories: that were asked for, by the names that they are known by.
        from_repositories: the services that come from them.
    """

    teams: dict[str, str]
    repositories: list[str]
    from_repositories: set[str]

    def services_of_teams(self, teams: list[str]) -> set[str]:
        """Return the services of any of the teams."""
        return {service for service, team in self.teams.items() if team in teams}


def read_owners(repositories: list[str]) -> Owners:
    """Return what the catalog says; where it says nothing, what the events do."""
    teams = dict(run("endpoints/metrics/read_teams"))
    rows = (
        run("endpoints/metrics/read_repositories", repositories=repositories)
        if repositories
        else []
    )
    return Owners(
        teams,
        sorted({repository for repository, _ in rows}),
        {service for _, service in rows if service is not None},
    )
