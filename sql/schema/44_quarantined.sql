-- What could not be applied and was set aside, so that all else goes on: one row per metric and
-- event. Where the metric is timeline, nothing is computed of the event until it is tried again;
-- else the metric alone lacks the deployment that the event is.
create table if not exists quarantined (
    metric text not null,
    cd_source text not null,
    cd_id text not null,
    reason text not null,
    quarantined_at timestamptz not null default now()
);

alter table quarantined add column if not exists suspect_source text;
alter table quarantined add column if not exists suspect_id text;

-- By digest, because a name that is too long for an index may be why the event is here.
create unique index if not exists quarantined_key
on quarantined (metric, md5(cd_source || ' ' || cd_id));

comment on table quarantined is
'What could not be applied and was set aside, so that all else goes on.';
comment on column quarantined.metric is
'What could not be computed with the event; timeline for what all metrics share.';
comment on column quarantined.reason is 'What the database said.';
comment on column quarantined.suspect_id is
'Another event, without which it could be applied; null where there is none.';

alter table quarantined owner to dora_owner;
grant select, insert, update, delete on quarantined to dora_metrics;
-- A report that replaces one that was set aside is looked at.
grant select, delete on quarantined to dora_writer;
grant select on quarantined to dora_reader;

-- Note what could not be applied; again, its newest reason stays.
create or replace function quarantine(metric text, source text, id text, reason text)
returns void
language sql as $$
    insert into quarantined (metric, cd_source, cd_id, reason)
    values (quarantine.metric, quarantine.source, quarantine.id, quarantine.reason)
    on conflict (metric, md5(cd_source || ' ' || cd_id)) do update set
        reason = excluded.reason, quarantined_at = now()
$$;
