"""Git as the judge of what releases ship: `python -m tests.judge [REPOSITORY ...] [--made 2]`.

The pushes, merges and tags of each repository become events, the project's functions take them, and
what each release shipped is compared with `git rev-list`. Bare repositories of one's own are named; the
others are made by a seed.
"""

from __future__ import annotations

import json
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.postgresql import Postgresql
from local.processes import free_port
from tests.conftest import FAST, TEMPLATE, Database, FunctionClient
from tests.events import carried, cloudevent
from tests.judge.git import Repository
from tests.judge.happenings import History
from tests.judge.past import past_of
from tests.judge.team import made_by_a_team

METRIC = "lead-time-for-changes"
BATCH = "application/cloudevents-batch+json"
BATCH_EVENTS = 200
TICK = cloudevent(type="dev.knative.sources.ping", catchup="true")
RELEASES = 120
# Each takes 20 seconds at most.
MAX_TICKS = 60
LEFT = """
select exists (select from stale_deployments)
or (select coalesce(max(seq), 0) from cdevents_raw)
> (select coalesce(max(seq), 0) from processed_events where consumer = 'timeline')
"""
SHIPPED = "select deploy_id, sha from shipped_changes where deploy_source = :source"

Commits = dict[str, set[str]]  # of each release


def main() -> None:
    """Judge each repository, and print a line for it."""
    parser = ArgumentParser("tests.judge", description=__doc__)
    parser.add_argument("repositories", nargs="*", type=Path, help="git repositories, such as .")
    parser.add_argument("--made", type=int, default=2, help="how many are made by seeds")
    given = parser.parse_args()
    tell(f"{'repository':20} {'releases':>8} {'as git':>8} {'commits':>8} missing  besides")
    for folder in given.repositories:
        name = folder.resolve().name.removesuffix(".git")
        _print_verdict(past_of(name, Repository(folder)))
    for seed in range(1, given.made + 1):
        _print_verdict(made_by_a_team(seed, RELEASES))


def _print_verdict(history: History) -> None:
    with _database() as database:
        judged, missing, besides = compare(history, database)
    right = [name for name in judged if not missing[name] and not besides[name]]
    counts = [sum(map(len, each.values())) for each in (judged, missing, besides)]
    tell(
        f"{history.name:20} {len(judged):8} {len(right):8} {counts[0]:8} {counts[1]:7} {counts[2]:8}"
    )
    for name in [name for name in judged if name not in right][:5]:
        tell(f"  {name}: {len(missing[name])} missing, {len(besides[name])} besides")


def compare(history: History, database: Database) -> tuple[Commits, Commits, Commits]:
    """Return what git says of each release, what of that was not shipped, and what was besides."""
    _load(history, database)
    shipped: Commits = {}
    for name, sha in database.rows(SHIPPED, source=history.url):
        shipped.setdefault(name, set()).add(sha)
    judged = _judged(history)
    missing = {name: brought - shipped.get(name, set()) for name, brought in judged.items()}
    besides = {name: shipped.get(name, set()) - brought for name, brought in judged.items()}
    return judged, missing, besides


def _judged(history: History) -> Commits:
    """What git says of each release but the first one, which ships only the change it names."""
    no_changes = history.no_changes()
    earlier: list[str] = []
    judged = {}
    for release in history.releases:
        if earlier:
            brought = history.repository.brought(release.sha, earlier)
            judged[release.name] = brought - no_changes
        earlier.append(release.sha)
    return judged


def _load(history: History, database: Database) -> None:
    gate, metric = FunctionClient("cdevents-endpoint"), FunctionClient(METRIC)
    events = [carried(event) for event in history.events()]
    for start in range(0, len(events), BATCH_EVENTS):
        batch = json.dumps(events[start : start + BATCH_EVENTS])
        answer = json.loads(gate.post(batch, content_type=BATCH).data)
        assert not answer["refused"], answer["refused"][:1]
    for _ in range(MAX_TICKS):
        assert metric.post(TICK).status_code == 204
        if not database.rows(LEFT)[0][0]:
            return
    raise TimeoutError(f"{METRIC} has not followed {len(events)} events in {MAX_TICKS} ticks")


def tell(line: str) -> None:
    """Show a line to who runs this."""
    print(line, flush=True)  # noqa: T201


@contextmanager
def _database() -> Iterator[Database]:
    with (
        tempfile.TemporaryDirectory(prefix="dora-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        Path(folder).chmod(0o755)
        server = Postgresql(Path(folder) / "server", free_port(), FAST)
        server.start()
        try:
            server.install(TEMPLATE)
            database = Database(server)
            database.use(patch)
            yield database
        finally:
            server.stop()


if __name__ == "__main__":
    main()
