"""Keep each event over a connection of its own, as tutorials do; psycopg, for its TLS and passwords are C."""

from __future__ import annotations

import psycopg
from cloudevents.conversion import to_json
from parliament import Context

INSERT = (
    "insert into peer_events (ce_source, ce_id, ce_type, content) values (%s, %s, %s, %s::jsonb)"
)


def main(context: Context) -> tuple[str, int]:
    """Answer when it is committed."""
    event = context.cloud_event
    content = to_json(event).decode()
    with psycopg.connect() as connection:
        connection.execute(INSERT, (event["source"], event["id"], event["type"], content))
    return "", 204
