"""Rule 5: repositories and artifacts, each in one form."""

from __future__ import annotations

import re
from urllib.parse import unquote

from tests.metrics.reference.events import Event

ADDRESS = re.compile(r"^[a-z+]+://(?:[^@/]*@)?([^/:]+)(:\d+)?/(.+)$", re.IGNORECASE)
SHORT_ADDRESS = re.compile(r"^[^@/:]+@([^/:]+)():(?!//)(.+)$")
DIGEST = re.compile(r"^[a-z0-9]+:[0-9a-f]{32,}$")


def repository_form(text: str) -> str:
    """https://, the host in lower case, the path; what is no address stays."""
    found = ADDRESS.match(text) or SHORT_ADDRESS.match(text)
    if not found:
        return text
    host, port, path = found.groups()
    path = path.strip("/").removesuffix(".git").rstrip("/")
    return f"https://{host.lower()}{'' if port in (None, ':22') else port}/{path}"


def told_repository(event: Event) -> str | None:
    """The repository that an event says it is of, as it says it."""
    own: str | None = (event.content.get("repository") or {}).get("id")
    return own or event.custom.get("repository")


class Repositories:
    """Renamed repositories joined by the number that they keep; called by what came first."""

    def __init__(self, events: list[Event]) -> None:
        self.numbered: list[tuple[str, tuple[str, str]]] = []
        dated = []
        for event in events:
            if not event.kind.startswith(("change.", "service.")):
                continue
            number, told = event.custom.get("repositoryId"), told_repository(event)
            if told and number is not None:
                name = repository_form(told)
                host = name.split("/")[2] if name.startswith("https://") else ""
                dated.append((event.time, name, (host, str(number))))
        # What came first, and at one time the first by name, before the others.
        for _, name, known in sorted(dated):
            self.numbered.append((name, known))

    def of(self, told: str | None) -> str | None:
        """One name of the repository that is meant by an address."""
        if not told:
            return None
        same, found = {repository_form(told)}, 0
        while len(same) > found:
            found = len(same)
            numbers = {number for name, number in self.numbered if name in same}
            same |= {name for name, number in self.numbered if number in numbers}
        return next((name for name, _ in self.numbered if name in same), repository_form(told))


class Artifact:
    """The names of an artifact."""

    def __init__(self, told: str) -> None:
        self.name = told
        self.digest: str | None = None
        self.tagged: tuple[str, str] | None = None
        if told.startswith("pkg:"):
            self._read(told)

    def _read(self, told: str) -> None:
        told, _, subpath = told.partition("#")
        path, _, query = told.partition("?")
        base, _, version = (
            path.rpartition("@") if "@" in path.rpartition("/")[2] else (path, "", "")
        )
        base, version = unquote(base), unquote(version)
        qualifiers = _qualifiers(query)
        if DIGEST.match(version.lower()):
            self.digest = version.lower()
        if base.startswith("pkg:oci/") and "tag" in qualifiers:
            home = qualifiers.get("repository_url", base.rpartition("/")[2])
            self.tagged = (home, qualifiers["tag"])
        query = "&".join(f"{name}={qualifiers[name]}" for name in sorted(qualifiers))
        parts = (base, version and f"@{version}", query and f"?{query}")
        self.name = "".join(parts) + (subpath and f"#{unquote(subpath)}")


def _qualifiers(query: str) -> dict[str, str]:
    pairs = [pair.partition("=")[::2] for pair in query.split("&")]
    named = {name.lower(): unquote(value) for name, value in pairs if value}
    if named.get("repository_url", "").startswith("docker.io/library/"):
        del named["repository_url"]
    return named
