"""A log with a history behind it, and more events of each kind, by which it is followed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dora.database import names, text
from dora.rebuilding import metrics
from tests.bench import events
from tests.bench.database import RECORD, fill
from tests.bench.history import FOLLOWED
from tests.conftest import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.postgresql import Postgresql
    from tests.bench.events import Event

SERVICES = 3
LONG = 1200
HISTORY = {"name": "service-", "services": SERVICES, "newest": LONG}
# Else plans hang on when it comes.
WITHOUT_AUTOVACUUM = """
do $$ declare ours regclass; begin
    for ours in
        select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
    loop
        execute format('alter table %s set (autovacuum_enabled = off)', ours);
    end loop;
end $$
"""
LOOKED_AT = """
select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables
"""
OF_ALL: dict[str, Callable[[range], Iterator[Event]]] = {
    "a change": lambda numbers: events.changes(numbers, SERVICES),
    "a deployment": lambda numbers: events.deployments(numbers, SERVICES),
    "an event of an incident": lambda numbers: events.incidents(numbers, SERVICES),
}
# Those of one thing, which have come as often before as the history is long.
OF_ONE_THING: dict[str, Callable[[range], Iterator[Event]]] = {
    "a rollout to one of five targets": events.rollouts_to_targets,
    "a report of one incident": events.reports,
    "a deployment of a service by another name": events.deployments_by_other_names,
    "a move of a tag": events.moves,
    "a deployment under a tag that moved": events.deployments_of_moved,
    "a push of one commit": events.pushes_of_one_commit,
}
KINDS = OF_ALL | OF_ONE_THING


class Log:
    """A log with a history behind it, which is followed as the role of the metrics does."""

    def __init__(self, server: Postgresql, length: int) -> None:
        self.database, self.next = Database(server), length // 10
        run = self.database.rows
        run(WITHOUT_AUTOVACUUM)
        fill(run, HISTORY | {"newest_at": datetime.now(UTC), "after": 0, "until": length})
        run(FOLLOWED, metrics=metrics())
        self.writer = server.connect(self.database.name, "dora_metrics")
        # So short a table may as well be read as a whole; what no index finds, still is.
        self.writer.run("set enable_seqscan = off")
        for make in OF_ONE_THING.values():
            self.follow(make(range(self.next)))
        run("analyze")

    def follow(self, more: Iterator[Event]) -> Counter[str]:
        """Apply events to the timeline and the metrics; return how many rows that read by table."""
        [[newest]] = self.database.rows("select max(cd_timestamp) from cdevents_raw")
        recorded = self.database.rows(RECORD, events=json.dumps(list(more)), after=newest)
        self.writer.run("begin")
        before = Counter(dict(self.writer.run(LOOKED_AT)))
        for source, event_id, _ in recorded:
            self.writer.run(text("metrics/advance"), sources=[source], ids=[event_id])
            for metric in metrics():
                self._renew(metric)
        after = Counter(dict(self.writer.run(LOOKED_AT)))
        self.writer.run("commit")
        return after - before

    def _renew(self, metric: str) -> None:
        stale = self.writer.run(text("metrics/take_stale"), metric=metric, size=100)
        if stale:
            sources, ids = zip(*stale, strict=True)
            for statement in names(f"metrics/{metric}/apply"):
                self.writer.run(text(statement), sources=list(sources), ids=list(ids))

    def drop(self) -> None:
        self.writer.close()
        self.database.drop()
