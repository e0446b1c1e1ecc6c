"""A repository: what it is called, and which of its branches count.

Environment: RELEASE_BRANCHES, patterns separated by commas, in settings.py what they are at first.
"""

from __future__ import annotations

from dataclasses import dataclass

from dora.settings import matches, release_branches
from dora.tools.artifacts import HOSTS, source_purl
from dora.tools.payloads import repository_url

GITHUB_API = "https://api.github.com/repos/"


@dataclass(frozen=True)
class Repository:
    """A repository, as its tool names it.

    Attributes:
        tool: "github", "gitlab", "gitea" and so on.
        url: its address, which is the source of all that happens in it.
        number: the tool's own number for it, which stays when it is renamed; None is unknown.
        default_branch: its main line; None is unknown.
    """

    tool: str
    url: str
    number: int | None = None
    default_branch: str | None = None

    @property
    def name(self) -> str:
        """The last part of its address, which is the service where nobody says another."""
        return self.url.rpartition("/")[2]

    def follows(self, branch: str | None) -> bool:
        """Return whether what reaches this branch counts: the default one, or one of a release."""
        is_default = branch is not None and branch == self.default_branch
        return is_default or matches(branch, release_branches())

    def purl(self, version: str) -> str:
        """Return the package URL of a commit or a tag of it."""
        return source_purl(self.tool, self.url, version)


def repository_at(address: str | None) -> Repository | None:
    """Return the repository at an address that another tool reports, such as one that builds it.

    None where there is no address, or none of the web.
    """
    url = (repository_url(address) or "").replace(GITHUB_API, "https://github.com/", 1)
    tools = {host: tool for tool, host in HOSTS.items()}
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    is_known = scheme in ("http", "https") and "/" in path
    return Repository(tools.get(host.lower(), "git"), url) if is_known else None
