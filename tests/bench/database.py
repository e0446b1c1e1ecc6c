"""Looking into the stack's database, and filling it."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from dora.questions.metrics import METRICS
from local.stack import DATABASE, Stack
from tests.bench.history import (
    FILLED,
    FOLLOWED,
    IS_FOLLOWED,
    LOOKED_INTO,
    ROLLOUTS,
    SERVICES,
    TABLES,
)
from tests.tables import EMPTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.bench.events import Event

# When each row was committed is how the bench knows when an event arrived; the rest is as in
# production.
SETTINGS = {"track_commit_timestamp": "on"}
# Source, id and type of an event.
Recorded = tuple[str, str, str]
NO_PROGRESS_SECONDS = 30
# One event a second after a moment, in the order in which they are given.
RECORD = """
insert into cdevents_raw (cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, content)
select
    '/bench', 'more ' || newest.seq + number,
    :after::timestamptz + number * interval '1 second',
    'dev.cdevents.' || (event ->> 0) || '.0.3.0', event ->> 1,
    jsonb_build_object(
        'subject', jsonb_build_object('id', event ->> 1, 'content', event -> 2),
        'customData', jsonb_build_object('dora', event -> 3)
    )
from jsonb_array_elements(:events::text::jsonb) with ordinality as listed (event, number)
cross join (select max(seq) as seq from cdevents_raw) as newest
order by number
returning cd_source, cd_id, cd_type
"""
RECORD_LATE = """
insert into cdevents_raw (cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, content)
select
    cd_source, 'late ' || cd_id, cd_timestamp - interval '1 hour', cd_type, cd_subject_id,
    jsonb_set(content, '{customData,dora,templateFingerprint}', '"late"')
from cdevents_raw
where cd_subject = 'service' and cd_subject_id = :service
order by cd_timestamp
limit 1
returning cd_source, cd_id, cd_type
"""
# Deployments in a statement.
STEP = 25_000
# The indexes of tables: table, name, whether it is a constraint, and how it is made again.
INDEXES = """
select
    known.indrelid::regclass::text, coalesce(said.conname, index.relname),
    said.conname is not null,
    coalesce(pg_get_constraintdef(said.oid), pg_get_indexdef(known.indexrelid))
from pg_index as known
inner join pg_class as index on known.indexrelid = index.oid
left join pg_constraint as said on known.indexrelid = said.conindid and said.contype in ('p', 'u')
where known.indrelid = any(:tables::text[]::regclass[])
order by 1, 3 desc, 2
"""


def fill(run: Callable[..., list[Any]], history: dict[str, Any]) -> None:
    """Add deployments, with their changes and incidents, to the log and to all that comes of it.

    Args:
        run: runs SQL with parameters.
        history: the parameters of ROLLOUTS.
    """
    for sql in FILLED:
        run(sql, **(history if sql == ROLLOUTS else {}))


@contextmanager
def without_indexes(
    run: Callable[..., list[Any]], tell: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Drop indexes of the tables that are filled, and make them again when the block ends.

    Ids are in no order, so that each row would change a page of its own in each index; made at once
    they are sorted first. Tables that a statement looks into while it fills them keep theirs.
    """
    dropped = run(
        INDEXES, tables=[table for table in ("cdevents_raw", *TABLES) if table not in LOOKED_INTO]
    )
    for table, name, is_constraint, _ in dropped:
        run(
            f"alter table {table} drop constraint {name}" if is_constraint else f"drop index {name}"
        )
    yield
    run("set maintenance_work_mem = '512MB'")
    for number, (table, name, is_constraint, made) in enumerate(dropped):
        if number % 10 == 0:
            tell(f"{number} of {len(dropped)} indexes")
        run(f"alter table {table} add constraint {name} {made}" if is_constraint else made)
    run("reset maintenance_work_mem")


class Database:
    """One connection to the stack's database, as its superuser."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._rollouts: dict[str, int] = {}
        self._newest = datetime.now(UTC)
        self._recorded_until: datetime | None = None

    @classmethod
    @contextmanager
    def connected(cls, stack: Stack) -> Iterator[Self]:
        """Connect; close the connection when the block ends."""
        connection = stack.postgresql.connect(DATABASE)
        try:
            yield cls(connection)
        finally:
            connection.close()

    def run(self, sql: str, **parameters: Any) -> list[Any]:
        """Run SQL and give its rows."""
        return self._connection.run(sql, **parameters) or []

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(self.run(f"select count(*) from {table}")[0][0])

    def require(self, table: str, rows: int) -> None:
        """Check that a table has so many rows.

        Raises:
            RuntimeError: it has not.
        """
        if (count := self.count(table)) != rows:
            raise RuntimeError(f"expected {rows} rows in {table}, got {count}")

    def empty(self) -> None:
        """Begin anew, with nothing left to write to the disk."""
        self.run(EMPTY)
        self._rollouts, self._recorded_until = {}, None
        self._follow_up_to_now()
        self.run("checkpoint")

    def wait_for(self, table: str, rows: int) -> None:
        """Wait until a table has so many rows.

        Raises:
            TimeoutError: no row came for a while.
        """
        known, since = self.count(table), time.monotonic()
        while known < rows:
            if time.monotonic() - since > NO_PROGRESS_SECONDS:
                raise TimeoutError(f"{table} has {known} rows of {rows}, and no more come")
            time.sleep(0.1)
            before, known = known, self.count(table)
            since = since if known == before else time.monotonic()

    def commits(self, table: str, order: str) -> list[float]:
        """Return when each row was committed, in seconds since the epoch."""
        rows = self.run(
            "select extract(epoch from pg_xact_commit_timestamp(xmin))::float8"
            f" from {table} order by {order}"
        )
        return [row[0] for row in rows]

    def extend(
        self,
        until: int,
        newest: int,
        name: str = "service-",
        services: int = SERVICES,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Add deployments of services, with their changes and incidents, as if all was followed.

        Args:
            until: how many there are then of these services.
            newest: the number of the one that happens when this is first called.
            name: of the services, before their numbers.
            services: how many.
            tell: is called with a line of progress.
        """
        history = {"name": name, "services": services, "newest": newest, "newest_at": self._newest}
        self._recorded_until = None
        with without_indexes(self.run, tell):
            while (after := self._rollouts.get(name, 0)) < until:
                step = min(after + STEP, until)
                fill(self.run, history | {"after": after, "until": step})
                self._rollouts[name] = step
                if step % (2 * STEP) == 0:
                    tell(f"{step:,} of {until:,} deployments")
        tell("vacuum and analyze")
        self.follow()

    def record(self, events: Iterable[Event]) -> list[Recorded]:
        """Add events after all that is in the log; return source, id and type of each."""
        listed = list(events)
        # No index has it: asked once for each history.
        after = self._recorded_until or self.run("select max(cd_timestamp) from cdevents_raw")[0][0]
        self._recorded_until = after + timedelta(seconds=len(listed))
        return [tuple(row) for row in self.run(RECORD, events=json.dumps(listed), after=after)]

    def record_late(self, service: str) -> Recorded:
        """Add a deployment before all others of a service; return source, id and type."""
        [row] = self.run(RECORD_LATE, service=service)
        return tuple(row)

    def is_followed(self) -> bool:
        """Return whether a tick was at the end of the log."""
        return bool(self.run(IS_FOLLOWED)[0][0])

    def follow(self) -> None:
        """Say that all of the log is followed, and let the planner know the tables."""
        self._follow_up_to_now()
        self.run("vacuum analyze")

    def _follow_up_to_now(self) -> None:
        self.run(FOLLOWED, metrics=list(METRICS))
