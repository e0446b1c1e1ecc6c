-- By which way an event came in, and what that way's word was worth when it was kept (dora.ways).
-- What older releases kept, counts as from the cluster.
alter table cloudevents_raw add column if not exists way text not null default 'cluster';
alter table cloudevents_raw add column if not exists way_rank smallint not null default 2;

comment on column cloudevents_raw.way is
'By which way it came in: cluster, or webhooks/ and a path.';
comment on column cloudevents_raw.way_rank is
'What that way''s word was worth for its source when it was kept; the least holds.';

grant update (ce_type, content, event_timestamp, way, way_rank) on cloudevents_raw to dora_writer;

-- What a way said of a CloudEvent whose source's word came by another one; almost always empty.
create table if not exists cloudevents_replaced (
    ce_source text not null,
    ce_id text not null,
    ce_type text not null,
    content jsonb not null,
    event_timestamp timestamptz not null,
    way text not null,
    replaced_at timestamptz not null default now()
);

create index if not exists cloudevents_replaced_key on cloudevents_replaced (ce_source, ce_id);

create index if not exists cloudevents_replaced_at
on cloudevents_replaced using brin (replaced_at);

comment on table cloudevents_replaced is
'Reports of a CloudEvent that another way''s report replaced, or kept out.';

alter table cloudevents_replaced owner to dora_owner;
grant select, insert on cloudevents_replaced to dora_writer;
grant select on cloudevents_replaced to dora_reader;

-- What another way's report replaces is kept beside it.
create or replace function cloudevents_raw_replace() returns trigger
language plpgsql as $$
begin
    insert into cloudevents_replaced (
        ce_source, ce_id, ce_type, content, event_timestamp, way
    )
    values (
        old.ce_source, old.ce_id, old.ce_type, old.content, old.event_timestamp, old.way
    );
    return null;
end
$$;

create or replace trigger cloudevents_raw_replace
after update of content on cloudevents_raw
for each row execute function cloudevents_raw_replace();
