"""Commits as GitHub and GitLab list them in a push: name, time, who made it, what it touched."""

from __future__ import annotations

import re
from typing import Any

from dora.tools.payloads import fields, get, listed, sha, text_or_none, time_or_none

CHANGED = ("added", "modified", "removed")
# A commit that touches more has unknown paths, and so have those of a push that do not fit any more.
MAX_PATHS, MAX_CHARACTERS = 300, 200_000
# GitHub's apps, accounts that say so, and GitLab's access tokens of a project or group.
BOT = re.compile(
    r"\[bot\]|[-_]bot$|^(project|group)_\d+_bot(_|$)|^(dependabot|renovate)( bot)?$", re.IGNORECASE
)


def commits_of(payload: Any) -> list[dict[str, Any]]:
    """Return the commits of a push, as customData.dora has them.

    Raises:
        PermanentError: one has no full name.
    """
    commits, left = [], MAX_CHARACTERS
    for listing in listed(payload, "commits"):
        commit, paths = commit_of(listing), _paths(listing)
        if paths is not None and (left := left - sum(map(len, paths))) >= 0:
            commit["paths"] = paths
        commits.append(commit)
    return commits


def commit_of(listing: Any) -> dict[str, Any]:
    """Return a commit's full name, when it was made, and that a bot made it, where that is known."""
    made = time_or_none(listing, "timestamp")
    commit: dict[str, Any] = {"sha": sha(listing, "id")}
    commit |= {"committedAt": made} if made else {}
    return commit | ({"bot": True} if is_bot(get(listing, "author")) else {})


def is_bot(author: Any) -> bool:
    """Return whether the author of a commit is no person, by name, account or address."""
    address = (text_or_none(author, "email") or "").partition("@")[0]
    names = (text_or_none(author, "name"), text_or_none(author, "username"), address)
    return any(BOT.search(name.strip()) for name in names if name)


def _paths(listing: Any) -> list[str] | None:
    """Return the files that a commit touched; None where not all of them are known."""
    lists = [fields(listing).get(name, "unknown") or [] for name in CHANGED]
    paths = [path for one in lists for path in one] if all(map(_is_list, lists)) else None
    if paths is None or len(paths) > MAX_PATHS:
        return None
    return sorted(set(paths)) if all(isinstance(path, str) and path for path in paths) else None


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
