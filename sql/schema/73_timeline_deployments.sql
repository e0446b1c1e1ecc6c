-- Deployments: one row per deployment, whose source and id are those of its first rollout. Those of
-- a service and environment are in the order (deployed_at, revision, deploy_source, deploy_id).
create table if not exists timeline_deployments (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    revision bigint not null,
    started_at timestamptz not null,
    completed_at timestamptz not null,
    is_rollback boolean not null,
    is_unplanned boolean not null,
    predicate text not null,
    artifact text,
    digest text,
    tag_key text,
    commits text[] not null,
    version uuid not null,
    primary key (deploy_source, deploy_id)
);

-- What came before and after a moment, and the deployments of a version.
create index if not exists timeline_deployments_order
on timeline_deployments (
    service_id, environment_id, deployed_at, revision, deploy_source, deploy_id
);
create index if not exists timeline_deployments_version
on timeline_deployments (
    service_id, environment_id, version, deployed_at, revision, deploy_source, deploy_id
);

-- Every list reads a span of time, from its end.
create index if not exists timeline_deployments_time
on timeline_deployments (deployed_at, deploy_source, deploy_id);

-- A deployment by its id alone, and by what it deployed.
create index if not exists timeline_deployments_id on timeline_deployments (deploy_id);
create index if not exists timeline_deployments_digest
on timeline_deployments (digest, deployed_at) where digest is not null;
create index if not exists timeline_deployments_tag
on timeline_deployments (tag_key, deployed_at) where tag_key is not null;
create index if not exists timeline_deployments_artifact
on timeline_deployments (artifact, deployed_at);

-- Whether a rollback of a service is known.
create index if not exists timeline_deployments_rollback
on timeline_deployments (service_id) where is_rollback;

comment on table timeline_deployments is 'One row per deployment of a service and environment.';
comment on column timeline_deployments.deployed_at is 'When its first rollout was done.';
comment on column timeline_deployments.started_at is
'The earliest start that a rollout reports and that is not after deployed_at; else deployed_at.';
comment on column timeline_deployments.completed_at is 'When its last rollout was done.';
comment on column timeline_deployments.is_rollback is 'Whether its rollouts go back.';
comment on column timeline_deployments.is_unplanned is
'Whether a rollout of it, or else a correction, says so.';
comment on column timeline_deployments.digest is
'Of its first rollout: its own, or the one last published under its repository and tag by then.';
comment on column timeline_deployments.commits is 'Of its first rollout; see timeline.';

alter table timeline_deployments owner to dora_owner;
grant select, insert, update, delete on timeline_deployments to dora_metrics;
grant select on timeline_deployments to dora_reader;
