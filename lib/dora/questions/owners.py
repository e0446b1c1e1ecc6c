"""Who owns what: the teams of services, and those that come from repositories."""

from __future__ import annotations

from functools import cached_property

from dora.database import one, run


class Owners:
    """What the catalog says; where it says nothing, what the events do.

    Attributes:
        repositories: that were asked for, by the names that they are known by.
        from_repositories: the services that come from them.
    """

    def __init__(self, repositories: list[str]) -> None:
        rows = (
            run("endpoints/metrics/read_repositories", repositories=repositories)
            if repositories
            else []
        )
        self.repositories = sorted({repository for repository, _ in rows})
        self.from_repositories = {service for _, service in rows if service is not None}

    @cached_property
    def teams(self) -> dict[str, str]:
        """The teams by service, without those that have none; read when they are needed first."""
        teams: dict[str, str] = one("endpoints/metrics/read_teams")
        return teams

    def services_of_teams(self, teams: list[str]) -> set[str]:
        """Return the services of any of the teams."""
        return {service for service, team in self.teams.items() if team in teams}
