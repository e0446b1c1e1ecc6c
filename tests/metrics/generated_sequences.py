"""Generated CDEvents that follow one another: what alone would seldom meet."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Any

from dora.cdevents.corrections import correction
from tests.metrics import chance
from tests.metrics.chance import Strategy
from tests.metrics.generated_events import (
    ARTIFACTS,
    COMMITS,
    HEADS,
    MONO,
    NUMBERS,
    OLD,
    PATHS,
    SHOP,
    one_in,
    removal,
)
from tests.metrics.happenings import (
    DAY,
    Event,
    deployed,
    incident,
    merged,
    published,
    revision,
    time_of,
)

# Between two events: clocks that differ, half a day, a day and seven days to the minute, more.
PAUSES = [1, 5, 6, *[DAY // 2, DAY, 7 * DAY] * 3, DAY - 1, DAY + 1, 2 * DAY, 7 * DAY + 1]
EDGES = [1, 5, 6, DAY, DAY, DAY + 1, *[7 * DAY] * 3, 7 * DAY + 1]
NAMES = [*COMMITS, *HEADS]
# What reaches so many events is removed by this one.
LAST = 7


def _moments(size: int, between: list[int]) -> Strategy:
    """Minutes, each later than the one before."""
    pauses = chance.lists(chance.sampled_from(between), min_size=size, max_size=size)
    return pauses.map(lambda drawn: list(accumulate(drawn)))


def _several(
    make: Callable[..., Event],
    drawn: dict[str, Strategy],
    place: dict[str, Strategy] | None = None,
    between: list[int] = PAUSES,
) -> Strategy:
    """Return events of one place, one after another, made with what is drawn for each."""
    return chance.integers(3, LAST).flatmap(
        lambda size: chance.builds(
            lambda moments, parts, of_all: [
                make(number=number, minute=minute, **part, **of_all)
                for number, (minute, part) in enumerate(zip(moments, parts, strict=True), 1)
            ],
            _moments(size, between),
            chance.lists(chance.fixed_dictionaries(drawn), min_size=size, max_size=size),
            chance.fixed_dictionaries(place or {}),
        )
    )


def rollouts() -> Strategy:
    """What runs at one target: few versions and templates, so that it returns to some."""
    drawn = {
        "artifact": chance.sampled_from(ARTIFACTS[:3]),
        "kind": chance.sampled_from([*["upgraded"] * 7, "rolledback"]),
        "commit": one_in(3, chance.sampled_from(NAMES)),
    }
    place = {
        "service": chance.sampled_from([*["shop"] * 6, "shop-api", "P1", "cart"]),
        "environment": chance.sampled_from([*["production"] * 6, "staging", "blue"]),
    }
    of_cluster = drawn | {
        "uid": chance.sampled_from(["u1", "u1", "u1", "u2"]),
        "template": chance.sampled_from(["a", "b", "c"]),
    }
    of_pipeline = drawn | {
        "commit": chance.none() | chance.sampled_from(NAMES),
        "repositoryId": chance.sampled_from([None, NUMBERS[SHOP], NUMBERS[SHOP]]),
        "tier": one_in(4, chance.sampled_from(["production", "staging"])),
        "team": one_in(4, chance.sampled_from(["storefront", "demo-checkout"])),
    }
    removal_at = {"removal_at": chance.sampled_from([None, 2, 3, 4, LAST])}
    from_cluster = _several(_of_cluster, of_cluster, place | removal_at)
    from_pipeline = _several(_of_pipeline, of_pipeline, place)
    return from_cluster | from_pipeline


def _of_cluster(
    template: str, number: int, minute: int, removal_at: int | None, **parts: Any
) -> Event:
    """Make a revision of u1 or u2; after both are removed, u3 comes in the place of one."""
    named = {name: value for name, value in parts.items() if value is not None}
    since = number - removal_at if removal_at else -1
    if since >= 0:
        named["uid"] = ["u1", "u2", "u3"][min(since, 2)]
    event = revision(number, template, minute, source="/cluster", **named)
    return removal(event) if since in {0, 1} else event


def _of_pipeline(number: int, minute: int, **parts: Any) -> Event:
    event = deployed(f"d{number}", minute, source="/pipeline", repository=SHOP, **parts)
    return removal(event) if number == LAST else event


def lines() -> Strategy:
    """Pushes to one branch, each continuing the one before, what one of them merged, and releases."""
    pushed = chance.fixed_dictionaries(
        {
            "commits": chance.permutations(NAMES),
            "cuts": chance.lists(
                chance.integers(1, 6), min_size=2, max_size=4, unique_by=lambda cut: cut
            ).map(sorted),
            "minutes": _moments(5, PAUSES),
            "committed": chance.lists(chance.sampled_from([None, *PAUSES]), min_size=7, max_size=7),
            "paths": chance.lists(
                chance.none() | chance.lists(chance.sampled_from(PATHS), max_size=2),
                min_size=7,
                max_size=7,
            ),
            "bots": chance.lists(chance.integers(0, 6), max_size=2),
            "missing": chance.sampled_from([1, 2, 3, LAST]),
            "branches": chance.lists(
                chance.sampled_from(["main", "main", "main", "master"]), min_size=5, max_size=5
            ),
            "merge": chance.integers(0, 4),
            "released": chance.lists(chance.booleans(), min_size=5, max_size=5),
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
        if drawn["released"][number]:
            named = {"source": "/releases", "repository": SHOP, "commit": own[-1]["sha"]}
            events.append(deployed(f"r{number}", minute + 5, **named))
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


def tags() -> Strategy:
    """A tag that moves, by what is published under it, and what is deployed by it meanwhile."""
    drawn = {
        "digest": chance.sampled_from([None, None, *ARTIFACTS[4:6]]),
        "commit": one_in(3, chance.sampled_from(NAMES)),
    }
    return _several(_of_tag, drawn)


def _of_tag(number: int, minute: int, digest: str | None, commit: str | None) -> Event:
    if digest:
        return published(digest, minute, id=f"tag{number}", commit=commit, repository=SHOP)
    return deployed(f"t{number}", minute, source="/tags", artifact=ARTIFACTS[0])


def outages() -> Strategy:
    """One incident or two of one alert: detected, resolved, and detected again."""
    drawn = {
        "kind": chance.sampled_from(["detected", "detected", "resolved", "resolved", "reported"]),
        "subject": chance.sampled_from(["1", "1", "1", "2"]),
        "alert": chance.just("a"),
        "artifact": one_in(6, chance.sampled_from(ARTIFACTS[:3])),
    }
    # The pager may call the service otherwise, and know no environment.
    place = {
        "place": chance.sampled_from(
            [*[{}] * 3, {"service": "P1"}, {"service": "P1", "assumedEnvironment": True}]
        )
    }
    return _several(_of_outage, drawn, place, [0, *PAUSES])


def _of_outage(number: int, minute: int, place: Event, **parts: Any) -> Event:
    return incident(minute=minute, id=f"outage{number}", source="/pagerduty", **place, **parts)


def nights() -> Strategy:
    """Deployments and what they cause, in one line of time, so that moments are just apart."""
    drawn = {
        "kind": chance.sampled_from(
            [*["upgraded"] * 3, "detected", "detected", "reported", "resolved"]
        ),
        "subject": chance.sampled_from("44456"),
        "artifact": chance.sampled_from(ARTIFACTS[:3]),
        "deployment": one_in(4, chance.sampled_from(["n1", "n2"])),
        "link": one_in(4, chance.sampled_from(["n1", "n2"])),
        "started": one_in(4, chance.sampled_from(EDGES)),
    }
    place = {
        "place": chance.fixed_dictionaries(
            {
                "service": chance.sampled_from(["shop", "shop", "cart"]),
                "environment": chance.sampled_from(["production", "production", "blue"]),
            }
        ),
        "said": chance.sampled_from(
            [
                # The pager's name is the same, another of its tier, of another one or none; or it
                # knows only the deployment.
                *[{}] * 2,
                {"environment": "live"},
                {"environment": "staging"},
                {"assumedEnvironment": True},
                *[{"service": None, "deployment": name} for name in ("n1", "n2")],
            ]
        ),
    }
    return _several(_of_night, drawn, place, EDGES)


def _of_night(number: int, minute: int, kind: str, place: Event, **parts: Any) -> Event:
    started, said = parts["started"], parts["said"]
    if kind == "upgraded":
        started_at = None if started is None else time_of(minute - started)
        named = {"source": "/night", "artifact": parts["artifact"], "startedAt": started_at}
        return deployed(f"n{number}", minute, **named, **place)
    link = parts["link"] and [{"linkType": "PATH", "from": {"contextId": parts["link"]}}]
    named = {"source": "/night", "subject": parts["subject"], "id": f"night{number}"}
    named |= {"deployment": parts["deployment"], "links": link}
    return incident(kind, minute, **named | place | said)


def words() -> Strategy:
    """What a person says of the first deployments and incidents."""
    said = chance.sampled_from(
        [
            *(
                {part: value}
                for part in ("counts", "failed", "unplanned")
                for value in (True, False, False, None)
            ),
            *({"repository": repository} for repository in [*[MONO] * 5, OLD, None]),
        ]
    )
    of = chance.sampled_from(
        [
            *({"deployment": {"id": f"d{n}", "source": "/pipeline"}} for n in range(1, 5)),
            *({"deployment": {"id": f"u1-{n}", "source": "/cluster"}} for n in range(1, 5)),
            *({"incident": {"id": name, "source": "/pagerduty"}} for name in "12"),
        ]
    )
    return _several(_word, {"of": of, "said": said})


def _word(number: int, minute: int, of: Event, said: Event) -> Event:
    if "incident" in of and not said.keys() & {"counts", "failed"}:
        said = {"failed": False}
    told = {**of, **said, "by": "ada", "because": f"reason {number}"}
    data: Event = correction(told, time_of(minute)).data
    return data
