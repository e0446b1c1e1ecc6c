"""The services of the demo, and how each is worked on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HOST = "https://github.demo.example/acme"

Span = tuple[float, float]  # at least and at most
# When one is released; a weekly one on Tuesdays, a monthly one on the first Tuesday.
Rhythm = Literal["daily", "weekly", "monthly"]


@dataclass(frozen=True)
class Service:
    """A service, with what is typical of it.

    Attributes:
        rhythm: on which days it may be released.
        releases: how probable a release is, in the morning and in the afternoon of such a day.
        failing: how probable it is that one fails.
        coding, review: working hours from a commit to its pull request, and from there to the merge.
        waiting: working hours from a merge to the deployment.
        repository: its address; None where it deploys what others made.
        path: the folder of the repository that is its own.
        clusters: those that it runs in; without any, GitHub reports its deployments.
    """

    name: str
    team: str
    rhythm: Rhythm
    releases: Span
    failing: float
    coding: Span = (0.3, 2)
    review: Span = (0.5, 5)
    waiting: Span = (0.4, 1)
    repository: str | None = None
    path: str = ""
    clusters: tuple[str, ...] = ()
    has_staging: bool = False


SERVICES = (
    Service(
        "demo-shop",
        "demo-storefront",
        "daily",
        releases=(0.9, 0.8),
        failing=0.04,
        repository=f"{HOST}/demo-shop",
        has_staging=True,
    ),
    Service(
        "demo-search",
        "demo-storefront",
        "daily",
        releases=(0.35, 0.3),
        failing=0.08,
        review=(2, 12),
        repository=f"{HOST}/demo-mono",
        path="search/",
    ),
    Service(
        "demo-recommendations",
        "demo-storefront",
        "daily",
        releases=(0.2, 0.3),
        failing=0.06,
        review=(2, 14),
        repository=f"{HOST}/demo-mono",
        path="recommendations/",
    ),
    Service(
        "demo-checkout",
        "demo-payments",
        "daily",
        releases=(0.5, 0.35),
        failing=0.17,
        coding=(1, 6),
        review=(4, 24),
        repository=f"{HOST}/demo-checkout",
    ),
    Service(
        "demo-ledger",
        "demo-payments",
        "monthly",
        releases=(1, 0),
        failing=0,
        coding=(2, 12),
        review=(8, 40),
        waiting=(4, 70),
        repository=f"{HOST}/demo-ledger",
    ),
    Service(
        "demo-gateway",
        "demo-platform",
        "daily",
        releases=(0.4, 0.3),
        failing=0.1,
        review=(1, 10),
        repository=f"{HOST}/demo-gateway",
        clusters=("eu", "us"),
    ),
    Service(
        "demo-proxy",
        "demo-platform",
        "weekly",
        releases=(0.9, 0),
        failing=0.1,
        clusters=("eu",),
    ),
)
# Of these there is what was recorded, in the two weeks before the first start.
RECORDED = {
    "nginx-deployment-3": "demo-proxy-canary",
    "nginx-deployment": "demo-ingress",
    "worker": "demo-worker",
    "shop": "demo-assets",
}
