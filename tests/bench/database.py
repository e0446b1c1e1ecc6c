"""Looking into the stack's database, and filling it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from local.stack import DATABASE, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

# When each row was committed is how the bench knows when an event arrived; the rest is as in
# production.
SETTINGS = {"track_commit_timestamp": "on"}
NO_PROGRESS_SECONDS = 30
SERVICES = 500

EMPTY = "truncate cloudevents_raw, cdevents_raw, deployments, dead_letters"

# Three years of rollouts, service by service in turn, up to now.
FILL_LOG = """
insert into cdevents_raw (cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, content)
select
    'https://kubernetes.example', id, happened_at, 'dev.cdevents.service.upgraded.0.3.0', service,
    jsonb_build_object(
        'context', jsonb_build_object(
            'specversion', '0.5.1', 'id', id, 'source', 'https://kubernetes.example',
            'type', 'dev.cdevents.service.upgraded.0.3.0', 'timestamp', happened_at
        ),
        'subject', jsonb_build_object('id', service, 'content', jsonb_build_object(
            'environment', jsonb_build_object('id', 'production'), 'artifactId', image
        )),
        'customData', jsonb_build_object('dora', jsonb_build_object(
            'commit', md5(id), 'repository', 'https://github.com/acme/' || service,
            'images', jsonb_build_array(image), 'templateFingerprint', md5(id) || md5(image),
            'uid', md5(service)::uuid, 'revision', revision
        ))
    )
from (
    select
        md5('event ' || number)::uuid::text as id,
        now() - (:newest::bigint - number) * interval '3 years' / :newest::bigint as happened_at,
        'service-' || number % :services::integer as service,
        number / :services::integer + 1 as revision,
        'pkg:oci/service?repository_url=ghcr.io%2Facme%2Fservice&tag=1.' || number as image
    from generate_series(:after::bigint + 1, :until::bigint) as number
) as rollout
"""

# What the metric would have made of it.
FILL_DEPLOYMENTS = """
insert into deployments (
    deploy_source, deploy_id, deploy_name, time_created, environment_id, artifact_id, predicate
)
select
    cd_source, cd_id, service_id, cd_timestamp, environment_id, artifact_id, cd_predicate
from cdevents_raw
on conflict do nothing
"""

FOLLOW_UP_TO_NOW = """
insert into processed_events (consumer, seq)
select 'deployment-frequency', coalesce(max(seq), 0) from cdevents_raw
on conflict (consumer) do update set seq = excluded.seq
"""


class Database:
    """One connection to the stack's database, as its superuser."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

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
        """Give how many rows a table has."""
        return int(self.run(f"select count(*) from {table}")[0][0])

    def empty(self) -> None:
        """Begin anew, with nothing left to write to the disk."""
        self.run(EMPTY)
        self.run(FOLLOW_UP_TO_NOW)
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
        """Give when each row was committed, in seconds since the epoch."""
        rows = self.run(
            "select extract(epoch from pg_xact_commit_timestamp(xmin))::float8"
            f" from {table} order by {order}"
        )
        return [row[0] for row in rows]

    def extend_log(self, until: int, newest: int) -> None:
        """Add rollouts to the log until it has so many of `newest`."""
        self.run(
            FILL_LOG,
            after=self.count("cdevents_raw"),
            until=until,
            newest=newest,
            services=SERVICES,
        )

    def follow_up_to_now(self) -> None:
        """Bring the metric up to date with the log, and the planner with the tables."""
        self.run(FILL_DEPLOYMENTS)
        self.run(FOLLOW_UP_TO_NOW)
        for table in ("cdevents_raw", "deployments", "processed_events"):
            self.run(f"vacuum analyze {table}")
