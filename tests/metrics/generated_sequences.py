"""Generated CDEvents that follow one another: what alone would seldom meet."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Any

from hypothesis import strategies as st

from dora.cdevents.corrections import correction
from tests.metrics.generated_events import (
    ARTIFACTS,
    COMMITS,
    HEADS,
    PATHS,
    SHOP,
    Strategy,
    one_in,
    removal,
)
from tests.metrics.happenings import DAY, Event, deployed, incident, merged, revision, time_of

# Between two events: clocks that differ, half a day, a day and seven days to the minute, more.
PAUSES = [1, 5, 6, *[DAY // 2, DAY, 7 * DAY] * 3, DAY - 1, DAY + 1, 2 * DAY, 7 * DAY + 1]
NAMES = [*COMMITS, *HEADS]
# What reaches so many events is removed by this one.
LAST = 7


def _moments(size: int) -> Strategy:
    """Minutes, each later than the one before."""
    pauses = st.lists(st.sampled_from(PAUSES), min_size=size, max_size=size)
    return pauses.map(lambda drawn: list(accumulate(drawn)))


def _several(
    make: Callable[..., Event], drawn: dict[str, Strategy], place: dict[str, Strategy] | None = None
) -> Strategy:
    """Return events of one place, one after another, made with what is drawn for each."""
    return st.integers(3, LAST).flatmap(
        lambda size: st.builds(
            lambda moments, parts, of_all: [
                make(number=number, minute=minute, **part, **of_all)
                for number, (minute, part) in enumerate(zip(moments, parts, strict=True), 1)
            ],
            _moments(size),
            st.lists(st.fixed_dictionaries(drawn), min_size=size, max_size=size),
            st.fixed_dictionaries(place or {}),
        )
    )


def rollouts() -> Strategy:
    """What runs at one target: few versions and templates, so that it returns to some."""
    drawn = {
        "artifact": st.sampled_from(ARTIFACTS[:3]),
        "kind": st.sampled_from([*["upgraded"] * 7, "rolledback"]),
        "commit": one_in(3, st.sampled_from(NAMES)),
    }
    place = {
        "service": st.sampled_from([*["shop"] * 6, "shop-api", "P1"]),
        "environment": st.sampled_from([*["production"] * 6, "staging", "blue"]),
    }
    of_cluster = drawn | {
        "uid": st.sampled_from(["u1", "u1", "u1", "u2"]),
        "template": st.sampled_from(["a", "b", "c"]),
    }
    of_pipeline = drawn | {"commit": one_in(2, st.sampled_from(NAMES))}
    from_cluster = _several(_of_cluster, of_cluster, place)
    from_pipeline = _several(_of_pipeline, of_pipeline, place)
    return from_cluster | from_pipeline


def _of_cluster(template: str, number: int, minute: int, **parts: Any) -> Event:
    named = {name: value for name, value in parts.items() if value is not None}
    event = revision(number, template, minute, source="/cluster", **named)
    return removal(event) if number == LAST else event


def _of_pipeline(number: int, minute: int, **parts: Any) -> Event:
    event = deployed(f"d{number}", minute, source="/pipeline", repository=SHOP, **parts)
    return removal(event) if number == LAST else event


def lines() -> Strategy:
    """Pushes to one branch, each continuing the one before, and what was merged by one of them."""
    pushed = st.fixed_dictionaries(
        {
            "commits": st.permutations(NAMES),
            "cuts": st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True).map(sorted),
            "minutes": _moments(5),
            "committed": st.lists(st.sampled_from([None, *PAUSES]), min_size=7, max_size=7),
            "paths": st.lists(
                st.none() | st.lists(st.sampled_from(PATHS), max_size=2), min_size=7, max_size=7
            ),
            "bots": st.sets(st.integers(0, 6), max_size=2),
            "missing": st.integers(0, 8),
            "branches": st.lists(
                st.sampled_from(["main", "main", "main", "master"]), min_size=5, max_size=5
            ),
            "merge": st.integers(0, 4),
        }
    )
    return pushed.map(_line)


def _line(drawn: dict[str, Any]) -> list[Event]:
    listed = [
        {"sha": sha, "bot": number in drawn["bots"]}
        | ({} if committed is None else {"committedAt": time_of(committed)})
        | ({} if paths is None else {"paths": paths})
        for number, (sha, committed, paths) in enumerate(
            zip(drawn["commits"], drawn["committed"], drawn["paths"], strict=True)
        )
    ]
    edges = [0, *drawn["cuts"], len(listed)]
    events = []
    for number, (start, end) in enumerate(pairwise(edges)):
        own, minute = listed[start:end], drawn["minutes"][number]
        # One of a few pushes did not arrive, or not all of it.
        before = drawn["commits"][start - 1] if start else None
        if number == drawn["missing"]:
            continue
        told = {
            "repository": SHOP,
            "source": "/repositories",
            "branch": drawn["branches"][number],
            "defaultBranch": "main",
        }
        events.append(
            merged(
                own[-1]["sha"],
                minute,
                *own,
                id=f"line{number}",
                before=before,
                totalCommits=len(own) + (number + 2 == drawn["missing"]),
                **told,
            )
        )
        if number == drawn["merge"] % (len(edges) - 1):
            # The last one merged the first one, where these are two.
            events.append(
                merged(
                    "pull/9",
                    minute,
                    {"sha": own[-1]["sha"]},
                    id="line-merge",
                    head=own[0]["sha"],
                    opened=minute - 6,
                    **told,
                )
            )
    return events


def outages() -> Strategy:
    """One incident or two of one alert: detected, resolved, and detected again."""
    drawn = {
        "kind": st.sampled_from(["detected", "resolved"]),
        "subject": st.sampled_from(["1", "1", "1", "2"]),
        "alert": st.just("a"),
        "artifact": one_in(6, st.sampled_from(ARTIFACTS[:3])),
    }
    return _several(_of_outage, drawn)


def _of_outage(number: int, minute: int, **parts: Any) -> Event:
    return incident(minute=minute, id=f"outage{number}", source="/pagerduty", **parts)


def words() -> Strategy:
    """What a person says of the first deployments and incidents."""
    said = st.sampled_from(["counts", "failed", "unplanned"])
    of = st.sampled_from(
        [
            *({"deployment": {"id": f"d{n}", "source": "/pipeline"}} for n in range(1, 5)),
            *({"deployment": {"id": f"u1-{n}", "source": "/cluster"}} for n in range(1, 5)),
            *({"incident": {"id": name, "source": "/pagerduty"}} for name in "12"),
        ]
    )
    drawn = {"of": of, "part": said, "value": st.sampled_from([True, False, False, None])}
    return _several(_word, drawn)


def _word(number: int, minute: int, of: Event, part: str, value: Any) -> Event:
    part = "failed" if "incident" in of and part == "unplanned" else part
    said = {**of, part: value, "by": "ada", "because": f"reason {number}"}
    data: Event = correction(said, time_of(minute)).data
    return data
