"""Generated CDEvents, each for itself.

There is little of everything, moments too, so that ties, edges of windows, returns, late news and
one id told in two ways are common.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dora.cdevents.corrections import correction
from tests.events import cdevent
from tests.metrics import chance
from tests.metrics.chance import Strategy
from tests.metrics.happenings import (
    DAY,
    Event,
    deployed,
    incident,
    merged,
    packaged,
    published,
    time_of,
)

# Two days in each of three weeks, so that a day and seven days to the minute are common, and what
# clocks may differ by.
HALF_DAYS = [7 * DAY * week + DAY // 2 * half for week in range(3) for half in range(4)]
MOMENTS = [*HALF_DAYS, *HALF_DAYS, *(moment + off for moment in HALF_DAYS for off in (-5, 5, 6))]
# Two that begin alike, one for each repository, one that is no hexadecimal number.
COMMITS = [f"aaaaaaaa{'1' * 32}", f"aaaaaaaa{'2' * 32}", f"b{'0' * 39}", f"c{'0' * 39}", "odd-1"]
HEADS = [f"d{'0' * 39}", f"e{'0' * 39}"]
# Shortened: one, two and none begin so; in capitals.
SHORTENED = ["aaaaaaaa1", "aaaaaaa", "b000000", "FFFFFFF", "AAAAAAAA2"]
PULL_REQUESTS = ["pull/7", "pull/8"]
SHOP, OLD, MONO = (f"https://github.com/acme/{name}" for name in ("shop", "old-shop", "mono"))
ELSEWHERE = "https://git.example/acme/shop"
# One repository by two names, one that it was renamed from (see _numbered), another one, and one of
# the same number at another host.
REPOSITORIES = [*[SHOP] * 5, "git@GitHub.com:acme/shop.git", OLD, MONO, ELSEWHERE]
NUMBERS = {SHOP: 1, OLD: 1, MONO: 2, ELSEWHERE: 1}
DIGESTS = [f"sha256:{digit * 64}" for digit in "ab"]
IMAGE = "repository_url=ghcr.io/acme/shop"
# One image by tag, by digest and by both; a tag that moved; the same digest elsewhere; tags that
# are commits; no image.
ARTIFACTS = [
    f"pkg:oci/shop?{IMAGE}&tag=1",
    f"pkg:oci/shop?tag=2&{IMAGE}",
    f"pkg:oci/shop?{IMAGE}&tag=3",
    f"pkg:oci/shop@{DIGESTS[0]}?{IMAGE}",
    f"pkg:oci/shop@sha256%3A{'a' * 64}?{IMAGE}&tag=1",
    f"pkg:oci/shop@{DIGESTS[1]}?{IMAGE}&tag=1",
    f"pkg:oci/shop@{DIGESTS[1]}?repository_url=mirror.example/shop",
    "pkg:oci/shop?tag=1",
    "pkg:oci/shop?Tag=1&repository_url=docker.io/library/shop",
    f"pkg:oci/shop?tag=main-{COMMITS[0][:9]}",
    f"pkg:oci/shop?tag={COMMITS[2][:7]}",
    "shop-1.tar.gz",
]
SERVICES = ["shop", "shop", "shop", "shop-api", "cart"]
ENVIRONMENTS = ["production", "prod-eu", "staging", "blue"]
TEMPLATES = ["a", "a", "b", "b", None]
DEPLOYMENT_IDS = [f"d{number}" for number in range(24)]
UIDS = ["u1", "u1", "u1", "u2", "u3"]
PATHS = ["shop/a.py", "cart/b.proto", "README"]
PARTS = ["counts", "failed", "unplanned", "commit", "repository", "service"]

minutes = chance.sampled_from(MOMENTS)
artifacts = chance.sampled_from([*ARTIFACTS[:2] * 6, *ARTIFACTS])
repositories = chance.sampled_from(REPOSITORIES)
kinds = chance.sampled_from([*["deployed", "upgraded"] * 5, "rolledback"])
names_of_changes = chance.sampled_from([*COMMITS, *COMMITS, *SHORTENED, *HEADS, *PULL_REQUESTS])


def one_in(number: int, strategy: Strategy) -> Strategy:
    """Return something once in so many times, and else None."""
    return chance.integers(1, number).flatmap(
        lambda drawn: strategy if drawn == 1 else chance.none()
    )


def places() -> Strategy:
    """Where an event is of: mostly one, where much meets; else a service and environment by a name."""
    several = chance.fixed_dictionaries(
        {
            "service": chance.sampled_from(SERVICES),
            "environment": chance.sampled_from(["production", *ENVIRONMENTS]),
            "assumedEnvironment": one_in(4, chance.sampled_from([True])),
            "serviceNames": one_in(4, _several_names()),
        }
    )
    one = {"service": "shop", "environment": "production"}
    return chance.integers(1, 4).flatmap(lambda drawn: several if drawn == 1 else chance.just(one))


def _several_names() -> Strategy:
    return chance.lists(chance.sampled_from(["P1", "shop-api", "P2"]), min_size=1, max_size=3)


def _numbered(event: Event) -> Event:
    """Say the number of its repository."""
    dora = event.get("customData", {}).get("dora", {})
    told = dora.get("repository") or event["subject"]["content"].get("repository", {}).get("id")
    if told in NUMBERS:
        dora["repositoryId"] = NUMBERS[told]
    return event


def _as_it_is(event: Event) -> Event:
    return event


def _made(make: Callable[..., Event], **parts: Strategy) -> Strategy:
    """Build events of what is drawn for the parts; those of a place are put beside the others."""
    place = parts.pop("place", chance.just({}))
    return chance.builds(
        lambda own, place, number: number(make(**own, **place)),
        chance.fixed_dictionaries(parts),
        place,
        chance.sampled_from([_numbered, _as_it_is]),
    )


def deployments() -> Strategy:
    """What pipelines tell: a commit, images or only an artifact."""
    return _made(
        deployed,
        event_id=chance.sampled_from([*DEPLOYMENT_IDS[:6], *DEPLOYMENT_IDS]),
        minute=minutes,
        kind=kinds,
        source=chance.sampled_from(["/pipeline", "/pipeline", "/workflow"]),
        place=places(),
        artifact=artifacts,
        commit=one_in(2, names_of_changes),
        repository=one_in(3, repositories),
        images=one_in(4, chance.lists(artifacts, min_size=1, max_size=2)),
        commits=one_in(
            6, chance.lists(chance.builds(dict, sha=chance.sampled_from(COMMITS)), max_size=2)
        ),
        startedAt=one_in(4, minutes.map(time_of)),
        unplanned=chance.sampled_from([None, None, False, True]),
        tier=one_in(8, chance.sampled_from(["production", "staging", "other"])),
        team=one_in(8, chance.sampled_from(["storefront", "demo-checkout"])),
    )


def revisions() -> Strategy:
    """What clusters tell: revisions with the fingerprints of their templates, and removals."""
    return _made(
        lambda uid, number, revision, removed, **parts: _revision(
            uid, number, revision, removed=removed, **parts
        ),
        uid=chance.sampled_from(UIDS),
        number=chance.integers(1, 20),
        revision=one_in(4, chance.integers(1, 20)),
        removed=chance.integers(1, 6).map(lambda drawn: drawn == 1),
        minute=minutes,
        kind=kinds,
        place=places(),
        source=chance.sampled_from(["/cluster", "/cluster", "/cluster", "/another"]),
        artifact=chance.sampled_from([*ARTIFACTS[:2] * 3, *ARTIFACTS[:5]]),
        templateFingerprint=chance.sampled_from(TEMPLATES),
        startedAt=one_in(4, minutes.map(time_of)),
        commit=one_in(4, names_of_changes),
    )


def _revision(uid: str, number: int, revision: int | None, *, removed: bool, **parts: Any) -> Event:
    if removed:
        return _removal(event_id=f"{uid}-removed-{number}", uid=uid, **parts)
    return deployed(f"{uid}-{number}", uid=uid, revision=revision or number, **parts)


def _removal(**parts: Any) -> Event:
    for name in ("templateFingerprint", "startedAt", "commit"):
        parts.pop(name, None)
    return removal(deployed(**parts))


def removal(event: Event) -> Event:
    """Make an event of a service its removal."""
    event["context"]["type"] = cdevent("service.removed")["context"]["type"]
    del event["subject"]["content"]["artifactId"]
    return event


def removals() -> Strategy:
    """What is removed without a uid; its ids are those of deployments."""
    return _made(
        _removal,
        event_id=chance.sampled_from(DEPLOYMENT_IDS[:6]),
        minute=minutes,
        source=chance.just("/pipeline"),
        place=places(),
    )


def commits() -> Strategy:
    """A commit as a push lists it."""
    return chance.fixed_dictionaries(
        {"sha": chance.sampled_from([*COMMITS, *COMMITS, *HEADS])},
        optional={
            "committedAt": minutes.map(time_of),
            "paths": chance.lists(chance.sampled_from(PATHS), max_size=2),
            "bot": chance.booleans(),
        },
    )


def branches() -> dict[str, Strategy]:
    return {
        "branch": chance.sampled_from(["main", "main", "master", "release", None]),
        "defaultBranch": one_in(3, chance.sampled_from(["main", "master"])),
    }


def pushes() -> Strategy:
    """A push of some commits, or of the one that is its subject."""
    return _made(
        _merged,
        id=chance.sampled_from([f"push{number}" for number in range(24)]),
        subject=chance.sampled_from(COMMITS),
        minute=minutes,
        commits=chance.lists(commits(), max_size=4, unique_by=lambda commit: commit["sha"]),
        source=chance.just("/repositories"),
        repository=repositories,
        before=one_in(3, chance.sampled_from([*COMMITS, "0" * 40])),
        totalCommits=one_in(6, chance.integers(1, 5)),
        **branches(),
    )


def merges() -> Strategy:
    """The report of a merge: squashed, rebased or with a merge commit."""
    return _made(
        _merged,
        id=chance.sampled_from([f"merge{number}" for number in range(12)]),
        subject=chance.sampled_from(PULL_REQUESTS),
        minute=minutes,
        commits=chance.lists(commits(), min_size=1, max_size=1),
        source=chance.just("/repositories"),
        repository=repositories,
        head=one_in(2, chance.sampled_from([*HEADS, *COMMITS])),
        opened=minutes,
        **branches(),
    )


def _merged(subject: str, minute: float, commits: list[Event], **parts: Any) -> Event:
    return merged(subject, minute, *commits, **parts)


def images() -> Strategy:
    """An artifact that was packaged of a change, or published."""
    ids = chance.sampled_from([f"a{number}" for number in range(12)])
    return _made(
        packaged,
        artifact=artifacts,
        change=names_of_changes,
        minute=minutes,
        id=ids,
        repository=one_in(3, repositories),
    ) | _made(
        published,
        artifact=artifacts,
        minute=minutes,
        id=ids,
        commit=one_in(2, names_of_changes),
        repository=one_in(3, repositories),
    )


def incidents() -> Strategy:
    """Parts of few incidents in any order: their starts, ends and new starts."""
    return _made(
        _incident,
        kind=chance.sampled_from(["detected", "detected", "reported", "resolved"]),
        minute=minutes,
        id=chance.sampled_from([f"i{number}" for number in range(24)]),
        source=chance.sampled_from(["/pagerduty", "/pagerduty", "/tickets"]),
        subject=chance.sampled_from(["1", "2", "3"]),
        place=places().flatmap(
            lambda own: chance.sampled_from(
                [own, own, own | {"service": None, "serviceNames": None}]
            )
        ),
        artifact=one_in(4, artifacts),
        deployment=one_in(4, _named_deployments()),
        links=one_in(4, chance.lists(links(), max_size=2)),
        mergedInto=one_in(12, chance.just("9")),
        team=one_in(8, chance.sampled_from(["storefront", "demo-checkout"])),
    )


def _incident(source: str, subject: str, **parts: Any) -> Event:
    """Make an event of an incident; two of one source are of one alert."""
    alert = "a" if source == "/pagerduty" and subject in {"1", "2"} else None
    return incident(source=source, subject=subject, alert=alert, **parts)


def _named_deployments() -> Strategy:
    return chance.sampled_from([*DEPLOYMENT_IDS[:4], "u1-1", "u1-2", "u2-1", "unknown"])


def links() -> Strategy:
    """A link to a deployment."""
    return _named_deployments().flatmap(
        lambda event_id: chance.sampled_from(
            [
                {"linkType": "END", "from": {"contextId": event_id}},
                {"linkType": "PATH", "from": {"contextId": event_id}},
                {
                    "linkType": "RELATION",
                    "linkKind": "causedBy",
                    "target": {"contextId": event_id},
                },
            ]
        )
    )


def corrections() -> Strategy:
    """What a person says of a deployment or an incident, and takes back."""
    values = {
        "counts": chance.sampled_from([False, True, None]),
        "failed": chance.sampled_from([False, True, None]),
        "unplanned": chance.sampled_from([False, True, None]),
        "commit": chance.sampled_from([*COMMITS[:3], None]),
        "repository": chance.sampled_from([SHOP, MONO, None]),
        "service": chance.sampled_from(["shop", "cart", "P1", None]),
    }
    of_deployments = chance.builds(
        lambda source, event_id: {"deployment": {"id": event_id} | ({"source": source})},
        chance.sampled_from(["/pipeline", "/pipeline", "/workflow", "/cluster"]),
        chance.sampled_from([*DEPLOYMENT_IDS[:4], "u1-1", "u2-1"]),
    )
    of_incidents = chance.builds(
        lambda source, subject: {"incident": {"id": subject, "source": source}},
        chance.sampled_from(["/pagerduty", "/tickets"]),
        chance.sampled_from(["1", "2", "3"]),
    )

    def said(corrected: Event) -> Strategy:
        known = ["counts", "failed", "service"] if "incident" in corrected else PARTS
        parts = chance.sampled_from(known).flatmap(
            lambda name: values[name].map(lambda value: {name: value})
        )
        return chance.builds(
            lambda part, minute: (
                correction(
                    {**corrected, **part, "by": "ada", "because": "it was a test"},
                    time_of(minute),
                ).data
            ),
            parts,
            minutes,
        )

    return (of_deployments | of_incidents).flatmap(said)
