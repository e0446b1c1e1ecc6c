"""Generated histories of CDEvents.

There is little of everything, moments too, so that ties, edges of windows, returns, late news and
one id told in two ways are common.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from hypothesis import strategies as st

from dora.cdevents.types import TYPES, newest
from tests.metrics.happenings import (
    DAY,
    Event,
    at,
    deployed,
    incident,
    merged,
    packaged,
    published,
    revision,
)
from tests.metrics.reference import Asked, instant

Kind = Callable[[], st.SearchStrategy[Event]]
# A type of the newest release → the same of 0.4.1.
OLDER = {
    newest(".".join(name.split(".")[2:4])): name
    for name, known in TYPES.items()
    if known.context.startswith("version") and "links" in known.context
}
# Two days in each of three weeks, so that seven days to the minute are common.
MOMENTS = [7 * DAY * week + DAY // 2 * half for week in range(3) for half in range(4)]
SHOP = "repository_url=ghcr.io/acme/shop"
DIGESTS = [f"sha256:{digit * 64}" for digit in "ab"]
# One image by tag, by digest and by both; a tag that moved; the same digest elsewhere; no image.
ARTIFACTS = [
    f"pkg:oci/shop?{SHOP}&tag=1",
    f"pkg:oci/shop?{SHOP}&tag=2",
    f"pkg:oci/shop?{SHOP}&tag=3",
    f"pkg:oci/shop@{DIGESTS[0]}?{SHOP}",
    f"pkg:oci/shop@sha256%3A{'a' * 64}?{SHOP}&tag=1",
    f"pkg:oci/shop@{DIGESTS[1]}?{SHOP}&tag=1",
    f"pkg:oci/shop@{DIGESTS[1]}?repository_url=mirror.example/shop",
    "pkg:oci/shop?tag=1",
    "shop-1.tar.gz",
]
SERVICES = ["shop", "shop", "shop", "cart"]
ENVIRONMENTS = ["production", "production", "production", "staging"]
REPOSITORIES = ["acme/shop", "acme/shop", "acme/shop", "acme/cart"]
COMMITS = [f"c{number}" for number in range(6)]
PULL_REQUESTS = ["7", "8"]
# Where the revisions of a Kubernetes Deployment go.
DEPLOYMENTS = {"u1": ("shop", "production"), "u2": ("cart", "production")}
DEPLOYMENT_IDS = [f"d{number}" for number in range(9)]

minutes = st.sampled_from(MOMENTS)
artifacts = st.sampled_from([*ARTIFACTS[:3], *ARTIFACTS])
changes = st.sampled_from([*COMMITS, *PULL_REQUESTS, "unknown"])
# Some ids are likelier, so that what incidents name is known as often as not.
ids_of_deployments = st.sampled_from([*DEPLOYMENT_IDS[:4], *DEPLOYMENT_IDS])
named_deployments = st.sampled_from([*DEPLOYMENT_IDS[:4], "u1-1", "u1-2", "unknown"])
repositories = st.sampled_from(REPOSITORIES)


def one_in(number: int, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give something once in so many times, and else None."""
    return st.integers(1, number).flatmap(lambda drawn: strategy if drawn == 1 else st.none())


def deployments() -> st.SearchStrategy[Event]:
    """What a pipeline tells: it names a commit, or only an artifact."""
    return st.builds(
        deployed,
        ids_of_deployments,
        minutes,
        kind=st.sampled_from(["deployed", "upgraded", "upgraded", "rolledback"]),
        source=st.sampled_from(["/pipeline", "/pipeline", "/workflow"]),
        service=st.sampled_from(SERVICES),
        environment=st.sampled_from(ENVIRONMENTS),
        artifact=artifacts,
        commit=one_in(2, changes),
        repository=one_in(3, repositories),
        unplanned=st.sampled_from([None, None, False, True]),
    )


def revisions() -> st.SearchStrategy[Event]:
    """What Kubernetes tells: revisions with the fingerprints of their templates."""
    return st.sampled_from(sorted(DEPLOYMENTS)).flatmap(
        lambda uid: st.builds(
            revision,
            st.integers(1, 5),
            st.sampled_from(["a", "b", None]),
            minutes,
            uid=st.just(uid),
            service=st.just(DEPLOYMENTS[uid][0]),
            environment=st.just(DEPLOYMENTS[uid][1]),
            kind=st.sampled_from(["deployed", "upgraded", "upgraded"]),
            source=st.just("/cluster"),
            artifact=st.sampled_from(ARTIFACTS[:4]),
            commit=one_in(2, changes),
        )
    )


def pushes() -> st.SearchStrategy[Event]:
    """A push of some commits, or of the one that is its subject."""
    commits = st.lists(
        st.tuples(st.sampled_from(COMMITS), minutes) | st.sampled_from(COMMITS),
        max_size=4,
        unique_by=lambda commit: commit if isinstance(commit, str) else commit[0],
    )
    return st.builds(
        lambda subject, minute, commits, **parts: merged(subject, minute, *commits, **parts),
        st.sampled_from(COMMITS),
        minutes,
        commits,
        id=st.sampled_from([f"push{number}" for number in range(6)]),
        source=st.just("/repositories"),
        repository=st.sampled_from([*REPOSITORIES, None]),
        branch=st.sampled_from(["main", "main", "main", "release", None]),
    )


def pull_requests() -> st.SearchStrategy[Event]:
    """A pull request that was squashed, with the time of its first commit where that is known."""
    commits = st.tuples(st.sampled_from(COMMITS), minutes) | st.sampled_from(COMMITS)
    return st.builds(
        lambda subject, minute, commits, **parts: merged(subject, minute, *commits, **parts),
        st.sampled_from([*PULL_REQUESTS, *COMMITS]),
        minutes,
        st.lists(commits, max_size=1),
        id=st.sampled_from([f"pull{number}" for number in range(4)]),
        source=st.just("/repositories"),
        repository=repositories,
        branch=st.just("main"),
        opened=one_in(2, minutes),
    )


def packagings() -> st.SearchStrategy[Event]:
    """An artifact of a change, packaged or published."""
    ids = st.sampled_from([f"a{number}" for number in range(6)])
    return st.builds(
        packaged, artifacts, changes, minutes, id=ids, commit=one_in(3, changes)
    ) | st.builds(published, artifacts, minutes, id=ids, commit=one_in(3, changes))


def images() -> st.SearchStrategy[Event]:
    """An image: built, told by digest; pushed under a tag that moves; rolled out by that tag."""
    ids = st.sampled_from([f"image{number}" for number in range(9)])
    return (
        st.builds(packaged, st.sampled_from([ARTIFACTS[3], ARTIFACTS[6]]), changes, minutes, id=ids)
        | st.builds(published, st.sampled_from(ARTIFACTS[4:6]), minutes, id=ids)
        | st.builds(deployed, ids_of_deployments, minutes, artifact=st.just(ARTIFACTS[0]))
    )


def incidents() -> st.SearchStrategy[Event]:
    """Parts of few incidents in any order: their starts, ends and new starts."""
    return st.builds(
        incident,
        st.sampled_from(["detected", "detected", "reported", "resolved"]),
        minutes,
        id=st.sampled_from([f"i{number}" for number in range(12)]),
        source=st.sampled_from(["/alerts", "/tickets"]),
        subject=st.sampled_from(["1", "2", "3"]),
        service=st.sampled_from([None, *SERVICES, *SERVICES]),
        environment=st.sampled_from(ENVIRONMENTS),
        artifact=one_in(4, st.sampled_from(ARTIFACTS[:5])),
        deployment=one_in(4, named_deployments),
        links=one_in(4, st.lists(links(), max_size=2)),
    )


def links() -> st.SearchStrategy[Event]:
    """A link to a deployment, or to something else."""
    return st.builds(
        lambda kind, event_id: {
            "END": {"linkType": "END", "from": {"contextId": event_id}},
            "PATH": {"linkType": "PATH", "from": {"contextId": event_id}},
            "RELATION": {
                "linkType": "RELATION",
                "linkKind": "causedBy",
                "target": {"contextId": event_id},
            },
        }[kind],
        st.sampled_from(["END", "PATH", "RELATION"]),
        named_deployments,
    ) | st.just({"linkType": "END"})


def others() -> st.SearchStrategy[Event]:
    """What no metric counts; its ids are those of deployments, so that it may come before one."""
    return st.builds(
        lambda kind, event_id, minute: deployed(event_id, minute, kind=kind, source="/pipeline"),
        st.sampled_from(["removed", "published"]),
        st.sampled_from(DEPLOYMENT_IDS[:3]),
        minutes,
    ).map(_without_artifact)


def _without_artifact(event: Event) -> Event:
    del event["subject"]["content"]["artifactId"]
    return event


def _as_it_is(event: Event) -> Event:
    return event


def _elsewhere(event: Event) -> Event:
    """Tell the same moment with another UTC offset."""
    time = event["context"]["timestamp"].replace("T00:00:00Z", "T02:00:00+02:00")
    time = time.replace("T12:00:00Z", "T01:30:00-10:30")
    return event | {"context": event["context"] | {"timestamp": time}}


def _of_another_release(event: Event) -> Event:
    """Tell the same as CDEvents of release 0.4.1 do."""
    context = event["context"] | {"version": "0.4.1", "type": OLDER[event["context"]["type"]]}
    del context["specversion"]
    subject = event["subject"] | {"type": context["type"].split(".")[2]}
    return event | {"context": context, "subject": subject}


# What a history is about: of all, or of what would be rare among all.
THEMES = [
    [deployments, deployments, revisions, pushes, pull_requests, packagings, incidents, others],
    [deployments, revisions, others],
    [deployments, deployments, pushes, pushes, pull_requests],
    [deployments, revisions, pushes, pull_requests, packagings],
    [images, images, images, pushes],
    [deployments, revisions, incidents, incidents],
]
# Hypothesis prefers short lists, in which nothing meets anything.
SIZES = [0, 10, 20]


def histories() -> st.SearchStrategy[list[Event]]:
    """Events of a few services; no id is told in two ways with the same time."""
    return st.tuples(st.sampled_from(THEMES), st.sampled_from(SIZES)).flatmap(
        lambda drawn: st.lists(
            _events(drawn[0]), min_size=drawn[1], max_size=drawn[1] + 10, unique_by=_telling
        )
    )


def _events(kinds: list[Kind]) -> st.SearchStrategy[Event]:
    one = st.sampled_from(kinds).flatmap(lambda kind: kind())
    ways = st.sampled_from([_as_it_is, _as_it_is, _elsewhere, _of_another_release])
    return st.builds(lambda event, way: way(event), one, ways)


def _telling(event: Event) -> tuple[Any, ...]:
    context = event["context"]
    return (context["source"], context["id"], instant(context["timestamp"]).astimezone(UTC))


def spans() -> st.SearchStrategy[Asked]:
    """What may be asked for: from one step to another, of all or of some."""
    return st.builds(
        lambda ends, **which: Asked(start=at(min(ends)), end=at(max(ends)), **which),
        st.tuples(minutes, minutes),
        service=st.sampled_from([None, None, "shop", "none"]),
        environment=st.sampled_from([None, None, "production", "staging"]),
        tier=st.sampled_from(["production", "development", None]),
    )
