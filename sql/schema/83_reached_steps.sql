-- How far services came in the steps of their repositories: one row per service, environment and
-- run of a step's commits that a deployment reached. Part of lead time's own tables.
create table if not exists reached_steps (
    service_id text not null,
    environment_id text not null,
    repository_url text not null,
    step_source text not null,
    step_id text not null,
    place integer not null,
    after_place integer not null,
    kind text not null check (kind in ('closed', 'open', 'listed', 'contradiction')),
    is_first boolean not null,
    deploy_source text not null,
    deploy_id text not null,
    deployed_at timestamptz not null,
    revision bigint not null
);

-- What a deployment reached; how far a service and environment came in a step; who came to a step.
create index if not exists reached_steps_deployment on reached_steps (deploy_source, deploy_id);
create index if not exists reached_steps_service
on reached_steps (service_id, environment_id, repository_url, step_source, step_id, place);
create index if not exists reached_steps_step on reached_steps (step_source, step_id);

comment on table reached_steps is
'Which commits of steps each deployment was the first to reach in its service and environment.';
comment on column reached_steps.place is
'The last of the commits that it reached: a place in change_commits.';
comment on column reached_steps.after_place is 'The place before the first of them.';
comment on column reached_steps.kind is
'closed: so is all that these commits reach; open: not all of that; listed: it was only listed by
who deployed it; contradiction: would be reached, but was committed and first reported afterwards.';
comment on column reached_steps.is_first is
'Whether it is the first deployment that names a change of the repository, and ships but that.';

alter table reached_steps owner to dora_owner;
grant select, insert, update, delete on reached_steps to dora_metrics;
grant select on reached_steps to dora_reader;
