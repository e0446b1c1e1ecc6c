-- What one transaction at a time may write: one row each, locked while it does. No role but the
-- functions' may lock a row.
create table if not exists locks (
    name text primary key
);

comment on table locks is
'What one transaction at a time may write; who writes it holds the lock of its row.';
comment on column locks.name is
'The schema, and the timeline or a metric whose tables in it are written.';

alter table locks owner to dora_owner;
grant select, insert, update on locks to dora_metrics;
