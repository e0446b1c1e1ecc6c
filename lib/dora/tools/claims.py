"""What may come by a tool's webhook: events of that tool's types and sources, and no others.

Who knows the secret of one tool speaks for that tool alone. SOURCE_WAYS narrows it further: a source
that is bound to another way is refused by this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from dora.errors import PermanentError
from dora.settings import matches
from dora.ways import bound_way, note_way, require_unmarked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloudevents.http import CloudEvent


class Claim(NamedTuple):
    """Patterns of the types and sources that a path may name; `*` stands for anything."""

    types: tuple[str, ...]
    sources: tuple[str, ...]


ADDRESSES = ("https://*", "http://*")
# What is named after the path itself, as this project makes it of a webhook, every path may name.
CLAIMS = {
    "github": Claim(("dev.knative.source.github.*",), ADDRESSES),
    "gitlab": Claim(("dev.knative.sources.gitlab.*",), ADDRESSES),
    "argocd": Claim(("dev.dora.argocd.*",), ("/argocd/*", *ADDRESSES)),
    "jenkins": Claim(("org.jenkinsci.*",), ("job/*", "/job/*", *ADDRESSES)),
    "harbor": Claim(("harbor.*",), ("/projects/*", *ADDRESSES)),
    # A pipeline may report what it did for whichever tool it runs in.
    "generic": Claim(("dev.cdevents.*", "dev.cdeventsx.*"), ("*",)),
    "correction": Claim(("dev.cdeventsx.dora-correction.*",), ("/corrections",)),
}
# What no pipeline reports: a person's word, and what this project itself makes of webhooks.
NEVER_GENERIC = Claim(CLAIMS["correction"].types, ("/webhooks/*", "/corrections"))
# Hosts of which everybody knows whose they are.
HOSTS = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucket",
    "dev.azure.com": "azure-devops",
}


def require_own(path: str, events: Iterable[CloudEvent]) -> None:
    """Check that what came by a path is that path's to say, and note the way.

    Raises:
        PermanentError: an event is of another tool, or has what this project alone sets.
    """
    for event in events:
        require_unmarked(event)
        require_claimed(path, event["type"], event["source"])
        note_way(f"webhooks/{path}", [event])


def require_claimed(path: str, kind: str, source: str) -> None:
    """Check that a path may name a type and a source.

    Raises:
        PermanentError: it may not.
    """
    types, sources = CLAIMS.get(path, Claim((), ()))
    types += (f"dev.dora.webhooks.{path}", f"dev.dora.webhooks.{path}.*")
    sources += (f"/webhooks/{path}",)
    if not matches(kind, types) or (path == "generic" and matches(kind, NEVER_GENERIC.types)):
        raise PermanentError(
            f"expected at /{path} an event of the types {', '.join(types)}, got {kind!r:.80}"
        )
    if not matches(source, sources) or not _is_theirs(path, source):
        raise PermanentError(
            f"expected at /{path} an event of that tool's sources, got {source!r:.80}"
        )
    bound = bound_way(source)
    if bound not in (None, f"webhooks/{path}"):
        raise PermanentError(f"expected events of {source!r:.80} by {bound}, to which it is bound")


def _is_theirs(path: str, source: str) -> bool:
    """Return whether a source is nobody else's."""
    if path == "generic":
        own = source == "/webhooks/generic"
        return own or not matches(source, NEVER_GENERIC.sources)
    try:
        host = urlsplit(source).hostname or ""
    except ValueError:
        return False
    return HOSTS.get(host, path) == path
