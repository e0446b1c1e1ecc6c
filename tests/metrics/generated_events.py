"""Generated CDEvents, each for itself.

There is little of everything, moments too, so that ties, edges of windows, returns, late news and
one id told in two ways are common.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from dora.cdevents.corrections import correction
from tests.events import cdevent
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

Strategy = st.SearchStrategy[Any]
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
# One repository by two names, one that it was renamed from (see _numbered), another one.
REPOSITORIES = [*[SHOP] * 5, "git@GitHub.com:acme/shop.git", OLD, MONO]
NUMBERS = {SHOP: 1, OLD: 1, MONO: 2}
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

minutes = st.sampled_from(MOMENTS)
artifacts = st.sampled_from([*ARTIFACTS[:2] * 6, *ARTIFACTS])
repositories = st.sampled_from(REPOSITORIES)
kinds = st.sampled_from([*["deployed", "upgraded"] * 5, "rolledback"])
names_of_changes = st.sampled_from([*COMMITS, *COMMITS, *SHORTENED, *HEADS, *PULL_REQUESTS])


def one_in(number: int, strategy: Strategy) -> Strategy:
    """Return something once in so many times, and else None."""
    return st.integers(1, number).flatmap(lambda drawn: strategy if drawn == 1 else st.none())


def places() -> Strategy:
    """Where an event is of: mostly one, where much meets; else a service and environment by a name."""
    several = st.fixed_dictionaries(
        {
            "service": st.sampled_from(SERVICES),
            "environment": st.sampled_from(["production", *ENVIRONMENTS]),
            "assumedEnvironment": one_in(4, st.sampled_from([True])),
            "serviceNames": one_in(4, _several_names()),
        }
    )
    one = {"service": "shop", "environment": "production"}
    return st.integers(1, 4).flatmap(lambda drawn: several if drawn == 1 else st.just(one))


def _several_names() -> Strategy:
    return st.lists(st.sampled_from(["P1", "shop-api", "cart"]), min_size=1, max_size=2)


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
    place = parts.pop("place", st.just({}))
    return st.builds(
        lambda own, place, number: number(make(**own, **place)),
        st.fixed_dictionaries(parts),
        place,
        st.sampled_from([_numbered, _as_it_is]),
    )


def deployments() -> Strategy:
    """What pipelines tell: a commit, images or only an artifact."""
    return _made(
        deployed,
        event_id=st.sampled_from([*DEPLOYMENT_IDS[:6], *DEPLOYMENT_IDS]),
        minute=minutes,
        kind=kinds,
        source=st.sampled_from(["/pipeline", "/pipeline", "/workflow"]),
        place=places(),
        artifact=artifacts,
        commit=one_in(2, names_of_changes),
        repository=one_in(3, repositories),
        images=one_in(4, st.lists(artifacts, min_size=1, max_size=2)),
        commits=one_in(6, st.lists(st.builds(dict, sha=st.sampled_from(COMMITS)), max_size=2)),
        startedAt=one_in(4, minutes.map(time_of)),
        unplanned=st.sampled_from([None, None, False, True]),
        tier=one_in(8, st.sampled_from(["production", "staging", "other"])),
        team=one_in(8, st.sampled_from(["storefront", "demo-checkout"])),
    )


def revisions() -> Strategy:
    """What clusters tell: revisions with the fingerprints of their templates, and removals."""
    return _made(
        lambda uid, number, removed, **parts: _revision(uid, number, removed=removed, **parts),
        uid=st.sampled_from(UIDS),
        number=st.integers(1, 20),
        removed=st.integers(1, 6).map(lambda drawn: drawn == 1),
        minute=minutes,
        kind=kinds,
        place=places(),
        source=st.sampled_from(["/cluster", "/cluster", "/cluster", "/another"]),
        artifact=st.sampled_from([*ARTIFACTS[:2] * 3, *ARTIFACTS[:5]]),
        templateFingerprint=st.sampled_from(TEMPLATES),
        startedAt=one_in(4, minutes.map(time_of)),
        commit=one_in(4, names_of_changes),
    )


def _revision(uid: str, number: int, *, removed: bool, **parts: Any) -> Event:
    if removed:
        return _removal(event_id=f"{uid}-removed-{number}", uid=uid, **parts)
    return deployed(f"{uid}-{number}", uid=uid, revision=number, **parts)


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
        event_id=st.sampled_from(DEPLOYMENT_IDS[:6]),
        minute=minutes,
        source=st.just("/pipeline"),
        place=places(),
    )


def commits() -> Strategy:
    """A commit as a push lists it."""
    return st.fixed_dictionaries(
        {"sha": st.sampled_from([*COMMITS, *COMMITS, *HEADS])},
        optional={
            "committedAt": minutes.map(time_of),
            "paths": st.lists(st.sampled_from(PATHS), max_size=2),
            "bot": st.booleans(),
        },
    )


def branches() -> dict[str, Strategy]:
    return {
        "branch": st.sampled_from(["main", "main", "master", "release", None]),
        "defaultBranch": one_in(3, st.sampled_from(["main", "master"])),
    }


def pushes() -> Strategy:
    """A push of some commits, or of the one that is its subject."""
    return _made(
        _merged,
        id=st.sampled_from([f"push{number}" for number in range(24)]),
        subject=st.sampled_from(COMMITS),
        minute=minutes,
        commits=st.lists(commits(), max_size=4, unique_by=lambda commit: commit["sha"]),
        source=st.just("/repositories"),
        repository=repositories,
        before=one_in(3, st.sampled_from([*COMMITS, "0" * 40])),
        totalCommits=one_in(6, st.integers(1, 5)),
        **branches(),
    )


def merges() -> Strategy:
    """The report of a merge: squashed, rebased or with a merge commit."""
    return _made(
        _merged,
        id=st.sampled_from([f"merge{number}" for number in range(12)]),
        subject=st.sampled_from(PULL_REQUESTS),
        minute=minutes,
        commits=st.lists(commits(), min_size=1, max_size=1),
        source=st.just("/repositories"),
        repository=repositories,
        head=one_in(2, st.sampled_from([*HEADS, *COMMITS])),
        opened=minutes,
        **branches(),
    )


def _merged(subject: str, minute: float, commits: list[Event], **parts: Any) -> Event:
    return merged(subject, minute, *commits, **parts)


def images() -> Strategy:
    """An artifact that was packaged of a change, or published."""
    ids = st.sampled_from([f"a{number}" for number in range(12)])
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
        kind=st.sampled_from(["detected", "detected", "reported", "resolved"]),
        minute=minutes,
        id=st.sampled_from([f"i{number}" for number in range(24)]),
        source=st.sampled_from(["/pagerduty", "/pagerduty", "/tickets"]),
        subject=st.sampled_from(["1", "2", "3"]),
        place=places().flatmap(
            lambda own: st.sampled_from([own, own, own | {"service": None, "serviceNames": None}])
        ),
        artifact=one_in(4, artifacts),
        deployment=one_in(4, _named_deployments()),
        links=one_in(4, st.lists(links(), max_size=2)),
        mergedInto=one_in(12, st.just("9")),
        team=one_in(8, st.sampled_from(["storefront", "demo-checkout"])),
    )


def _incident(source: str, subject: str, **parts: Any) -> Event:
    """Make an event of an incident; two of one source are of one alert."""
    alert = "a" if source == "/pagerduty" and subject in {"1", "2"} else None
    return incident(source=source, subject=subject, alert=alert, **parts)


def _named_deployments() -> Strategy:
    return st.sampled_from([*DEPLOYMENT_IDS[:4], "u1-1", "u1-2", "u2-1", "unknown"])


def links() -> Strategy:
    """A link to a deployment."""
    return _named_deployments().flatmap(
        lambda event_id: st.sampled_from(
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
        "counts": st.sampled_from([False, True, None]),
        "failed": st.sampled_from([False, True, None]),
        "unplanned": st.sampled_from([False, True, None]),
        "commit": st.sampled_from([*COMMITS[:3], None]),
        "repository": st.sampled_from([SHOP, MONO, None]),
        "service": st.sampled_from(["shop", "cart", "P1", None]),
    }
    of_deployments = st.builds(
        lambda source, event_id: {"deployment": {"id": event_id} | ({"source": source})},
        st.sampled_from(["/pipeline", "/pipeline", "/workflow", "/cluster"]),
        st.sampled_from([*DEPLOYMENT_IDS[:4], "u1-1", "u2-1"]),
    )
    of_incidents = st.builds(
        lambda source, subject: {"incident": {"id": subject, "source": source}},
        st.sampled_from(["/pagerduty", "/tickets"]),
        st.sampled_from(["1", "2", "3"]),
    )

    def said(corrected: Event) -> Strategy:
        known = ["counts", "failed", "service"] if "incident" in corrected else PARTS
        parts = st.sampled_from(known).flatmap(lambda name: st.tuples(st.just(name), values[name]))
        return st.builds(
            lambda part, minute: (
                correction(
                    {**corrected, part[0]: part[1], "by": "ada", "because": "it was a test"},
                    time_of(minute),
                ).data
            ),
            parts,
            minutes,
        )

    return (of_deployments | of_incidents).flatmap(said)
