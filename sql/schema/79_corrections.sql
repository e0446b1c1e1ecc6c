-- What persons say otherwise: one row per deployment or incident, as the latest correction has it.
create table if not exists corrections (
    kind text not null check (kind in ('deployment', 'incident')),
    source text not null,
    id text not null,
    counts boolean,
    failed boolean,
    unplanned boolean,
    commit_name text,
    repository_url text,
    service_name text,
    corrected_by text,
    because text,
    corrected_at timestamptz not null,
    primary key (kind, source, id)
);

comment on table corrections is
'What persons say otherwise of deployments and incidents: one row each, as the latest has it.';
comment on column corrections.kind is 'deployment or incident.';
comment on column corrections.source is 'cd_source of its CDEvent.';
comment on column corrections.id is
'Of a deployment cd_id of its CDEvent, of an incident cd_subject_id.';
comment on column corrections.counts is 'Whether it counts; null where nothing else is said.';
comment on column corrections.corrected_by is 'Who says so.';

alter table corrections owner to dora_owner;
grant select, insert, update, delete on corrections to dora_metrics;
grant select on corrections to dora_reader;

-- The rollouts that persons correct, and the deployment that each is part of, as `corrections` has
-- it.
create table if not exists corrected_rollouts (
    cd_id text not null,
    cd_source text not null,
    deploy_source text not null,
    deploy_id text not null,
    primary key (cd_id, cd_source)
);

create index if not exists corrected_rollouts_deployment
on corrected_rollouts (deploy_source, deploy_id);

comment on table corrected_rollouts is
'The rollouts that persons correct, and the deployment that each is part of: one row each.';

alter table corrected_rollouts owner to dora_owner;
grant select, insert, delete on corrected_rollouts to dora_metrics;
grant select on corrected_rollouts to dora_reader;
