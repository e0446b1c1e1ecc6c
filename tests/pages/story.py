"""What happened in four weeks: two teams, a failure that is taken back, one that is not, and doubts."""

from __future__ import annotations

from tests.metrics.happenings import DAY, Event, deployed, incident, merged, packaged, time_of

GITHUB = "https://github.com/acme/shop"


def _described(text: str, event: Event) -> Event:
    event["subject"]["content"]["description"] = text
    return event


def _releases() -> list[Event]:
    """Return twelve releases of shop, one every two days, each of two commits."""
    made: list[Event] = []
    for number in range(1, 13):
        day, sha = 2 * number * DAY, f"{number:x}" * 40
        first = f"{number:x}" * 39 + "0"
        made += [
            merged(
                sha,
                day + 300,
                (first, day + 60),
                (sha, day + 90),
                opened=day + 120,
                repository=GITHUB,
                source=GITHUB,
                before=f"{number - 1:x}" * 40 if number > 1 else None,
            ),
            packaged(f"pkg:oci/shop?tag=1.{number}", sha, day + 320, repository=GITHUB),
            deployed(
                f"shop-{number}",
                day + 400,
                artifact=f"pkg:oci/shop?tag=1.{number}",
                commit=sha,
                repository=GITHUB,
                team="storefront",
                startedAt=time_of(day + 390),
                url=f"{GITHUB}/actions/runs/{number}",
            ),
        ]
    return made


STORY = [
    *_releases(),
    # The fourth is taken back, the eighth fails and recovers, the ninth is still open.
    deployed(
        "shop-back",
        8 * DAY + 500,
        kind="rolledback",
        artifact="pkg:oci/shop?tag=1.3",
        team="storefront",
    ),
    _described("Checkout is down", incident("detected", 16 * DAY + 430, subject="checkout")),
    incident("resolved", 16 * DAY + 500, subject="checkout"),
    incident("detected", 18 * DAY + 450, subject="slow"),
    # Another team, without commits; a place of which nobody knows the tier; a stranger's incident.
    deployed("ledger-1", 3 * DAY, service="ledger", team="payments"),
    deployed("ledger-2", 20 * DAY, service="ledger", team="payments"),
    deployed("blue-1", 4 * DAY, service="tool", environment="blue", team="payments"),
    incident("detected", 9 * DAY, subject="stray", service="nobody"),
]
