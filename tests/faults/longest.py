"""Events in which every name is as long as the gate lets it be, and nothing can be compressed."""

from __future__ import annotations

import random
from typing import Any

from dora.cdevents.corrections import correction
from dora.limits import ARTIFACT_BYTES, ENVIRONMENT_BYTES, FINGERPRINT_BYTES, NAME_BYTES, UID_BYTES
from tests.metrics.happenings import Event, deployed, incident, merged, packaged, published

_made: dict[tuple[str, int], str] = {}


def longest(what: str, size: int = NAME_BYTES) -> str:
    """Return a name of so many bytes, always the same for the same thing."""
    chance = random.Random(what)  # noqa: S311 - no secret
    if (what, size) not in _made:
        noise = "".join(chance.choices("abcdefghijkmnpqrstuvwxyz23456789", k=size))
        _made[what, size] = f"{what[: size // 2]}{noise}"[:size]
    return _made[what, size]


def commit(what: str) -> str:
    """Return the name of a commit."""
    return longest(f"z{what}")


def repository(what: str) -> str:
    """Return a repository in a form that gets longer when it is made canonical."""
    return longest(f"git.example:{what}/")


SOURCE, SERVICE, ENVIRONMENT = longest("/source/"), longest("service"), longest("env", 255)
SHA = "sha256:" + "0123456789abcdef" * 4
TAG = longest(f"pkg:oci/shop?repository_url={longest('registry', 400)}&tag=", ARTIFACT_BYTES)
DIGEST = f"pkg:oci/shop@{SHA}?repository_url="
DIGEST = longest(DIGEST, ARTIFACT_BYTES)
LONG_DIGEST = "pkg:oci/shop@sha256:" + "0123456789abcdef" * ((ARTIFACT_BYTES - 20) // 16)
PLAIN = longest("archive", ARTIFACT_BYTES)
UIDS = [longest("uid1", UID_BYTES), longest("uid2", UID_BYTES)]
TEMPLATES = [longest("t1", FINGERPRINT_BYTES), longest("t2", FINGERPRINT_BYTES)]

# Everything that a catalog may name; none of it is what events name.
CATALOG: dict[str, Any] = {
    "services": {
        longest("catalog-service"): {
            "team": longest("team"),
            "aliases": [
                {
                    "name": longest("alias"),
                    "tool": longest("tool"),
                    "environment": longest("env", ENVIRONMENT_BYTES),
                }
            ],
            "repositories": [repository("catalog")],
            "environments": [longest("catalog-env", ENVIRONMENT_BYTES)],
        }
    },
    "environments": {longest("e1", ENVIRONMENT_BYTES): longest("e2", ENVIRONMENT_BYTES)},
    "tiers": {ENVIRONMENT: "production", longest("e2", ENVIRONMENT_BYTES): "production"},
}


def events() -> list[Event]:
    """Return events of which every indexed text of every table is made."""
    made: list[Event] = []

    def add(event: Event) -> None:
        event["context"]["source"] = SOURCE
        event["context"]["id"] = longest(f"id{len(made)}-")
        made.append(event)

    place = {"service": SERVICE, "environment": ENVIRONMENT}
    names = {"serviceNames": [longest(f"name{number}") for number in range(20)]}
    repo, renamed = repository("shop"), repository("renamed")
    add(
        merged(
            commit("1"),
            0,
            commit("1"),
            repository=repo,
            branch=longest("branch"),
            defaultBranch=longest("default"),
            before=commit("0"),
            repositoryId=123456789012345,
        )
    )
    add(
        merged(
            commit("2"),
            5,
            commit("2"),
            repository=repo,
            before=commit("1"),
            branch=longest("branch"),
            repositoryId="123456789012345",
        )
    )
    add(
        merged(
            commit("3"),
            6,
            commit("3"),
            repository=repository("other"),
            head=commit("3"),
            openedAt="2026-01-05T00:00:00Z",
            branch=longest("branch"),
        )
    )
    add(merged(commit("4"), 7, commit("4"), repository=renamed, repositoryId=123456789012345))
    add(packaged(DIGEST, commit("1"), 1, commit=commit("1"), repository=repo))
    add(packaged(PLAIN, commit("1"), 1, commit=commit("1"), repository=repo))
    add(packaged(LONG_DIGEST, commit("2"), 1))
    add(published(f"{DIGEST[:-700]}&tag={longest('tag', 690)}", 2))
    # In turns, so that there are rollouts and roll-backs at targets of every kind.
    for number, (uid, template, artifact) in enumerate(
        [
            (UIDS[0], TEMPLATES[0], TAG),
            (UIDS[0], TEMPLATES[1], LONG_DIGEST),
            (UIDS[0], TEMPLATES[0], TAG),
            (UIDS[1], TEMPLATES[0], DIGEST),
            (UIDS[1], TEMPLATES[1], PLAIN),
        ]
    ):
        add(
            deployed(
                "",
                30 * number + 30,
                artifact=artifact,
                uid=uid,
                templateFingerprint=template,
                revision=number,
                commit=commit("1" if artifact == TAG else "2"),
                repository=repo,
                images=[TAG, PLAIN],
                unplanned=True,
                team=longest("team"),
                tier="production",
                repositoryId=123456789012345,
                **place,
                **names,
            )
        )
    for number, where in enumerate([repo, repository("other"), repo]):
        add(
            deployed(
                "",
                400 + 30 * number,
                artifact=f"{PLAIN[:-1]}{number}",
                repository=where,
                commit=commit("3" if number == 1 else "2"),
                commits=[{"sha": commit("2")}],
                environment=longest("env2", ENVIRONMENT_BYTES),
                service=SERVICE,
            )
        )
    first = made[8]["context"]["id"]
    for kind, minute, artifact in (
        ("detected", 40, LONG_DIGEST),
        ("reported", 45, LONG_DIGEST),
        ("resolved", 50, TAG),
        ("detected", 600, TAG),
        ("detected", 70, PLAIN),
    ):
        add(
            incident(
                kind,
                minute,
                subject=longest(f"incident{artifact[-9:]}"),
                artifact=artifact,
                deployment=first,
                alert=longest(f"alert{minute}"),
                mergedInto=longest("merged") if minute == 70 else None,
                links=[{"linkType": "RELATION", "linkKind": "x", "target": {"contextId": first}}],
                **place,
                **names,
            )
        )
    for kind, thing in (("deployment", first), ("incident", longest(f"incident{TAG[-9:]}"))):
        said = {kind: {"id": thing, "source": SOURCE}, "counts": True, "by": "a", "because": "b"}
        said |= {"service": SERVICE} if kind == "incident" else {"commit": commit("1")}
        add(correction(said, "2026-01-05T12:00:00Z").data)
    # An earlier report of the first deployment, which replaces it in the log.
    earlier = deployed(
        "",
        29,
        artifact=TAG,
        uid=UIDS[0],
        templateFingerprint=TEMPLATES[0],
        revision=0,
        **place,
    )
    earlier["context"] |= {"source": SOURCE, "id": first}
    return [*made, earlier]
