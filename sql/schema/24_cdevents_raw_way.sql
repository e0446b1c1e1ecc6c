-- By which way a CDEvent came in, and what that way's word was worth when it was kept (dora.ways).
-- What older releases kept, counts as from the cluster.
alter table cdevents_raw add column if not exists way text not null default 'cluster';
alter table cdevents_raw add column if not exists way_rank smallint not null default 2;
alter table cdevents_replaced add column if not exists way text not null default 'cluster';
alter table cdevents_replaced add column if not exists way_rank smallint not null default 2;
-- Of which event it was made, so that who forgets one forgets both.
alter table cdevents_raw add column if not exists cause text;
alter table cdevents_replaced add column if not exists cause text;

-- What was replaced in a span of time; such an index costs nothing where rows come in its order.
create index if not exists cdevents_replaced_at on cdevents_replaced using brin (replaced_at);

comment on column cdevents_raw.way is
'By which way it came in: cluster, or webhooks/ and a path.';
comment on column cdevents_raw.way_rank is
'What that way''s word was worth for its source when it was kept; the least holds.';
comment on column cdevents_raw.cause is
'Source and id, with a space between, of the event that it was made of; null where none is known.';
comment on table cdevents_replaced is
'Reports of an event that another report replaced in the log, or that another way''s kept out.';
comment on column cdevents_replaced.way is 'By which way it came in.';

-- What another report replaces is kept beside the log, whatever its type.
create or replace function cdevents_raw_replace() returns trigger
language plpgsql as $$
begin
    insert into cdevents_replaced (
        cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content, seq,
        recorded_at, way, way_rank, cause
    )
    values (
        old.cd_source, old.cd_id, old.cd_timestamp, old.cd_type, old.cd_subject_id,
        old.cd_subject_source, old.content, old.seq, old.recorded_at, old.way, old.way_rank,
        old.cause
    );
    return null;
end
$$;

create or replace trigger cdevents_raw_replace
after update of content on cdevents_raw
for each row execute function cdevents_raw_replace();
