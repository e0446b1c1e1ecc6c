"""Rules 7 and 25: what a version is known by, and which commits it was built from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.metrics.reference.changes import Changes, Commit, commit_name
from tests.metrics.reference.events import Event
from tests.metrics.reference.names import Names
from tests.metrics.reference.repositories import Artifact, Repositories

TAGGED_COMMIT = re.compile(r"^(?:.*-)?([0-9a-fA-F]{7,40})$")


@dataclass(frozen=True)
class Version:
    """Up to three names of one version."""

    digest: str | None
    commits: list[Commit]
    artifact: Artifact | None

    def is_same(self, other: Version) -> bool:
        """The first that both know says so (7)."""
        if self.digest and other.digest:
            return self.digest == other.digest
        if self.commits and other.commits:
            return self._has_same_commits(other)
        if self.artifact and other.artifact:
            return self.artifact.name == other.artifact.name
        return False

    def _has_same_commits(self, other: Version) -> bool:
        own, others = (
            {repository: name for repository, name in version.commits if repository}
            for version in (self, other)
        )
        if shared := own.keys() & others.keys():
            return all(own[repository] == others[repository] for repository in shared)
        return any(
            own_name == name and "" in (own_repository, repository)
            for own_repository, own_name in self.commits
            for repository, name in other.commits
        )


class Versions:
    """The versions of service events."""

    def __init__(
        self, events: list[Event], names: Names, repositories: Repositories, changes: Changes
    ) -> None:
        self.names, self.repositories, self.changes = names, repositories, changes
        self.events = events
        kinds = ("artifact.packaged", "artifact.published")
        self.artifacts = {e: Artifact(e.subject) for e in events if e.kind in kinds}
        self.known = {event: self._version(event) for event in events if event.is_of_service}

    def of(self, event: Event) -> Version:
        return self.known[event]

    def _version(self, event: Event) -> Version:
        images = self._images(event)
        artifact = Artifact(event.content["artifactId"]) if "artifactId" in event.content else None
        digest = self._digest(artifact, event) if artifact else None
        found: dict[str, Commit] = {}
        for commit in (
            *self._own_commit(event),
            *(commit for image in images for commit in self._built_from(image, event)),
            *(commit for image in images for commit in self._tagged(image, event)),
        ):
            found.setdefault(commit[0], commit)  # the first of a repository holds
        return Version(digest, list(found.values()), artifact)

    def _images(self, event: Event) -> list[Artifact]:
        """The artifact first, then the images in their order."""
        own = [event.content["artifactId"]] if event.content.get("artifactId") else []
        return [Artifact(told) for told in [*own, *(event.custom.get("images") or [])]]

    def _digest(self, artifact: Artifact, event: Event) -> str | None:
        """Its own, else the last one under its repository and tag, at the event's time at the latest."""
        if artifact.digest or not artifact.tagged:
            return artifact.digest
        pushed = [
            known.digest
            for told, known in self.artifacts.items()
            if known.tagged == artifact.tagged and known.digest and told.time <= event.time
        ]
        return pushed[-1] if pushed else None

    def _own_commit(self, event: Event) -> Iterable[Commit]:
        """1: the event's own commit, of its repository."""
        if told := event.custom.get("commit"):
            repository = self.repositories.of(event.custom.get("repository"))
            places = [repository] if repository else []
            found = self.changes.find(told, places, shortened=True)
            yield found or (repository or "", commit_name(told))

    def _built_from(self, image: Artifact, event: Event) -> Iterable[Commit]:
        """2: what an image was built from, by those who packaged or published it."""
        digest = self._digest(image, event)
        said = [(told, known) for told, known in self.artifacts.items() if self._names_change(told)]
        if same := [told for told, known in said if digest and known.digest == digest]:
            by_repository: dict[str | None, list[Event]] = {}
            for told in same:
                by_repository.setdefault(self._repository_of(told), []).append(told)
            nearest = [_nearest(each, event) for each in by_repository.values()]
            before = [told for told in nearest if told.time <= event.time]
            after = [told for told in nearest if told.time > event.time]
            ordered = [
                *sorted(before, key=lambda told: told.order, reverse=True),
                *sorted(after, key=lambda told: told.order),
            ]
            return [self._said_of(told) for told in ordered]
        same = [
            told
            for told, known in said
            if (known.tagged == image.tagged if image.tagged else known.name == image.name)
        ]
        return [self._said_of(_nearest(same, event))] if same else []

    def _names_change(self, told: Event) -> str | None:
        name: str | None = (told.content.get("change") or {}).get("id") or told.custom.get("commit")
        return name

    def _repository_of(self, told: Event) -> str | None:
        """What an artifact's event has as `repository`, else as change.source."""
        source = (told.content.get("change") or {}).get("source")
        return self.repositories.of(told.custom.get("repository") or source)

    def _said_of(self, told: Event) -> Commit:
        """The commit that an artifact's event says, in its repository, else in all."""
        name = self._names_change(told)
        assert name
        repository = self._repository_of(told)
        return self.changes.find(name, [repository] if repository else [], shortened=True) or (
            repository or "",
            commit_name(name),
        )

    def _tagged(self, image: Artifact, event: Event) -> Iterable[Commit]:
        """3: a tag that is a commit of a repository which the service comes from."""
        tagged = TAGGED_COMMIT.match(image.tagged[1]) if image.tagged else None
        if tagged:
            service = self.names.places[event].service
            found = self.changes.find_shortened(tagged[1], self.service_repositories(service))
            yield from [found] if found else []

    def service_repositories(self, service: str | None) -> list[str]:
        """Where a service comes from: by the catalog, its events, and what its images were built from."""
        told = [
            each if isinstance(each, str) else each["url"]
            for each in self.names.of_catalog(service).get("repositories") or []
        ]
        own = [event for event in self.events if self.names.places[event].service == service]
        told += [event.custom["repository"] for event in own if event.custom.get("repository")]
        built = [
            commit[0]
            for event in own
            if event.is_of_service
            for image in self._images(event)
            for commit in self._built_from(image, event)
        ]
        named = [self.repositories.of(each) for each in told] + built
        return sorted({repository for repository in named if repository})


def _nearest(told: list[Event], event: Event) -> Event:
    """The latest at the time of an event at the latest, else the earliest."""
    before = [each for each in told if each.time <= event.time]
    return before[-1] if before else told[0]
