"""Who may ask: whoever shows a token of READ_TOKENS, where there are any; else everybody.

READ_TOKENS has one token a line, or separated by commas; several are valid at once, so that one can be
renewed without a gap. After `=` it may name the teams, separated by `|`, that are all it may see.
Environment: READ_TOKENS, from a Secret.
"""

from __future__ import annotations

import hmac
import os
import re
from typing import TYPE_CHECKING

from werkzeug.datastructures import MultiDict

from dora.errors import ForbiddenError, UnauthorizedError

if TYPE_CHECKING:
    from werkzeug import Request

    from dora.function import Answer

# What is of services alone, and asked of teams.
OF_TEAMS = re.compile(
    r"/(summary|deployments|changes|incidents|services|metrics/[a-z-]+|badge/[a-z-]+\.(svg|json))"
)


def require_reader(request: Request) -> list[str] | None:
    """Return the teams that the reader may see; None for all.

    Raises:
        UnauthorizedError: there are tokens, and the request shows none of them.
    """
    tokens = _tokens()
    if not tokens:
        return None
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    given = shown.strip().encode() if scheme.lower() == "bearer" else b""
    # All are compared, so that the time does not say which one was right.
    found = [teams for token, teams in tokens if hmac.compare_digest(token.encode(), given)]
    if not found:
        raise UnauthorizedError("expected a bearer token of READ_TOKENS, got none or another")
    return found[0]


def limit_to(teams: list[str], request: Request) -> None:
    """Let a request be about some teams alone.

    Raises:
        ForbiddenError: it asks for another team, or for what is not only of teams.
    """
    if not OF_TEAMS.fullmatch(request.path):
        raise ForbiddenError("expected a path that is about teams, for this token sees some alone")
    asked = request.args.getlist("team")
    if other := [team for team in asked if team not in teams]:
        raise ForbiddenError(f"expected one of this token's teams, got {other[0]!r:.80}")
    arguments = MultiDict(request.args)
    arguments.setlist("team", asked or teams)
    request.args = arguments


def only_for_them(answer: Answer) -> Answer:
    """Return an answer that nobody keeps for others, where a token is asked for."""
    if not _tokens():
        return answer
    body, status, headers = answer
    return body, status, {**headers, "cache-control": "private, no-cache"}


def _tokens() -> list[tuple[str, list[str] | None]]:
    """Return each token with its teams; None means all."""
    lines = re.split(r"[,\n]", os.environ.get("READ_TOKENS", ""))
    parts = [line.strip().partition("=") for line in lines if line.strip()]
    return [
        (token.strip(), [team.strip() for team in teams.split("|")] if equals else None)
        for token, equals, teams in parts
        if token.strip()
    ]
