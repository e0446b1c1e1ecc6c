"""Pushes as an API lists them: which do not join, and from where a new branch began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Push:
    """What brought a branch from one commit to another.

    Attributes:
        branch: its name.
        before: the full name of the commit that it was at; None where the push made the branch.
        after: the full name of the commit that it is at since.
        when: the time of the push, in UTC; of what is missing, that of the push after it.
        is_missing: whether only its neighbours say that it was.
    """

    branch: str
    before: str | None
    after: str
    when: str
    is_missing: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from all others of its repository."""
        return self.branch, self.before or "", self.after


def with_missing(pushes: list[Push]) -> Iterator[Push]:
    """Yield pushes, the newest first, and between two that do not join what lies between them."""
    later: dict[str, Push] = {}
    for push in pushes:
        following = later.get(push.branch)
        if following and following.before and following.before != push.after:
            yield Push(push.branch, push.after, following.before, following.when, is_missing=True)
        later[push.branch] = push
        yield push


def base(push: Push, pushes: list[Push], default_branch: str) -> str:
    """Return from which commit a push began: of a new branch, where the default one was then.

    Args:
        push: one of the pushes.
        pushes: all that are known, the newest first.
        default_branch: the name of the main line, which is the answer where nothing else is known.
    """
    if push.before:
        return push.before
    mains = [one for one in pushes if one.branch == default_branch]
    earlier = next((one.after for one in mains if one.when <= push.when), None)
    return earlier or (mains[-1].before if mains else None) or default_branch
