-- What lead time has to look at again of steps and changes; it empties these when it does.
create table if not exists stale_steps (
    stale_id bigint generated always as identity primary key,
    step_source text not null,
    step_id text not null
);

create table if not exists stale_changes (
    stale_id bigint generated always as identity primary key,
    repository_url text not null,
    sha text not null,
    is_moved boolean not null
);

comment on table stale_steps is
'Steps that lead time has to look at again: a queue, written with what changed.';
comment on table stale_changes is
'Changes that lead time has to look at again: a queue, written with what changed.';
comment on column stale_changes.is_moved is
'Whether it is taken in another step or place; else only other things are known of it.';

alter table stale_steps owner to dora_owner;
alter table stale_changes owner to dora_owner;
grant select, insert, delete on stale_steps, stale_changes to dora_metrics;
grant select on stale_steps, stale_changes to dora_reader;

-- Whether lead time follows the timeline; when it begins to, it looks at all there is.
create or replace function lead_time_follows() returns boolean
language sql stable as $$
    select exists (select from processed_events where consumer = 'lead-time-for-changes')
$$;
