"""Where the links of a page lead: each keeps what is asked, but for what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

# What is asked of every page.
KEPT = ("from", "to", "timezone", "team", "service", "environment", "tier", "repository", "bots")


class Address(NamedTuple):
    """A page's own path and what is asked of it.

    Links are relative, so that they lead somewhere behind any prefix, too.
    """

    path: str
    arguments: MultiDict[str, str]

    @property
    def root(self) -> str:
        """What leads from this page to the first one."""
        return "../" * (self.path.count("/") - 1) or "./"

    def to(self, path: str, **changes: str | list[str] | None) -> str:
        """Return the link to a path that asks the same, but for changes; None takes a part away."""
        return self.only(path, **({name: self.arguments.getlist(name) for name in KEPT} | changes))

    def here(self, **changes: str | list[str] | None) -> str:
        """Return the link to this page, asked the same but for changes."""
        return self.only(self.path.lstrip("/"), **(dict(self.arguments.lists()) | changes))

    def only(self, path: str, **asked: str | list[str] | None) -> str:
        """Return the link to a path that asks nothing else."""
        given = [(name, value) for name, value in asked.items() if value]
        query = urlencode(given, doseq=True, quote_via=quote, safe="/:,")
        return f"{self.root}{path}{'?' if query else ''}{query}"
