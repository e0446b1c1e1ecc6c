"""A deployment as a chain of steps, from the first commit to the recovery, in the order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dora.pages.words import artifact, between, commit_link, count, web_link
from dora.times import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = dict[str, Any]
# Of changes and of targets that are many, so many are steps; the rest is counted.
MOST = 6


class Step(NamedTuple):
    """A step: when, what, and where to look at it; `after` is how long after the step before."""

    kind: str
    at: str | None
    title: str
    name: str = ""
    link: str | None = None
    more: str = ""
    incident: Row | None = None
    deployment: Row | None = None
    after: str = ""


def chain(answer: Row) -> list[Step]:
    """Return the steps of a deployment, the earliest first."""
    steps = [*_changes(answer["changes"]), *_artifacts(answer["artifacts"])]
    steps += [*_rollouts(answer), *_incidents(answer["incidents"])]
    recovered = answer["deployment"]["recovered_at"]
    if recovered:
        steps.append(Step("recovered", recovered, "Recovered"))
    steps.sort(key=lambda step: str(instant(step.at or "")))
    return [
        step._replace(after=between(before.at, step.at) if before and before.at and step.at else "")
        for before, step in zip([None, *steps[:-1]], steps, strict=True)
    ]


def _changes(changes: Sequence[Row]) -> Iterator[Step]:
    """Return when the earliest of the changes was committed, opened and merged."""
    for kind, name, title in (
        ("commit", "committed_at", "First commit"),
        ("opened", "opened_at", "Pull request opened"),
        ("merged", "merged_at", "Merged"),
    ):
        known = [change for change in changes if change[name]]
        if not known:
            continue
        first = min(known, key=lambda change: str(instant(change[name])))
        others = len(known) - 1
        yield Step(
            kind,
            first[name],
            title,
            first["sha"][:10],
            commit_link(first["repository"], first["sha"]),
            f"the first of {count(others + 1, 'change')}" if others else "",
        )


def _artifacts(artifacts: Sequence[Row]) -> Iterator[Step]:
    for row in artifacts[:MOST]:
        built = f"built from {row['commit'][:10]}" if row["commit"] else ""
        link = web_link(row["url"])
        yield Step(
            "artifact",
            row["happened_at"],
            f"Artifact {row['predicate']}",
            artifact(row["artifact"]),
            link,
            built,
        )


def _rollouts(answer: Row) -> Iterator[Step]:
    rollouts = answer["rollouts"]
    if answer["started_at"] != answer["deployment"]["deployed_at"]:
        yield Step("started", answer["started_at"], "Deployment started")
    for row in rollouts[:MOST]:
        taken = row["takes_back"]
        yield Step(
            "back" if taken else "deployed",
            row["happened_at"],
            "Rolled back in" if taken else "Deployed to",
            row["environment"],
            web_link(row["url"]) or web_link(row["source"]),
            f"takes back {taken['id']}" if taken else row["source"],
        )
    if len(rollouts) > MOST:
        last = rollouts[-1]
        title = f"and to {count(len(rollouts) - MOST, 'more target')}"
        yield Step("deployed", last["happened_at"], title)


def _incidents(incidents: Sequence[Row]) -> Iterator[Step]:
    for row in incidents:
        name = row["description"] or row["id"]
        more = row["why"] if row["counts"] else "does not count"
        yield Step("incident", row["detected_at"], "Incident", name, incident=row, more=more)
        if row["resolved_at"]:
            yield Step("resolved", row["resolved_at"], "Incident resolved", name, incident=row)
