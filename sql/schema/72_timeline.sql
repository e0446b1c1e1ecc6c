-- What happened to each service in each environment, in order: one row per service event. The order
-- is (happened_at, revision, cd_source, cd_id).
create table if not exists timeline (
    cd_source text not null,
    cd_id text not null,
    service_id text not null,
    environment_id text not null,
    happened_at timestamptz not null,
    revision bigint not null,
    started_at timestamptz not null,
    is_unplanned boolean not null,
    environment_name text not null,
    uid text,
    repository_url text,
    target text not null,
    is_removal boolean not null,
    artifact text,
    digest text,
    commits text[] not null,
    version uuid not null,
    template_fingerprint text,
    is_rollout boolean not null,
    goes_back boolean not null,
    deploy_source text,
    deploy_id text,
    takes_back_source text,
    takes_back_id text,
    primary key (cd_id, cd_source)
);

-- What came before and after a moment.
create index if not exists timeline_order
on timeline (service_id, environment_id, happened_at, revision, cd_source, cd_id);

-- When a version, and a template, first ran at a target.
create index if not exists timeline_version
on timeline (
    service_id, environment_id, target, version, happened_at, revision, cd_source, cd_id
) where not is_removal;
create index if not exists timeline_template
on timeline (
    service_id, environment_id, target, template_fingerprint, happened_at, revision, cd_source,
    cd_id
) where template_fingerprint is not null and not is_removal;

-- What happened at a target; the target of a uid; the first repository of those without one.
create index if not exists timeline_target
on timeline (service_id, environment_id, target, happened_at, revision, cd_source, cd_id);
create index if not exists timeline_uids
on timeline (uid, service_id, environment_name, cd_source, happened_at) where uid is not null;
create index if not exists timeline_repository
on timeline (
    service_id, environment_id, environment_name, happened_at, revision, cd_source, cd_id
) where uid is null and repository_url is not null;

-- The rollouts of a deployment, and those that take one back.
create index if not exists timeline_rollouts
on timeline (deploy_source, deploy_id, happened_at) where deploy_id is not null;
create index if not exists timeline_takes_back
on timeline (takes_back_source, takes_back_id) where takes_back_id is not null;

comment on table timeline is
'What happened to each service in each environment: one row per service event that is applied.';
comment on column timeline.service_id is 'As the catalog knows it.';
comment on column timeline.environment_id is 'As the catalog knows it.';
comment on column timeline.started_at is
'The start that the event reports, where that is not after it; else happened_at.';
comment on column timeline.environment_name is 'As reported.';
comment on column timeline.target is
'What runs one version at a time: the environment''s name, then uid and source and uid, or the
repository where it is not the first one.';
comment on column timeline.digest is
'Its own, or the one last published under its repository and tag by then.';
comment on column timeline.commits is
'One for each repository that it is made of: the repository, a space and the commit; the repository
is empty where it is not known.';
comment on column timeline.version is 'See versions.';
comment on column timeline.is_rollout is
'Whether the target ran another version, or the same with another template, from then on.';
comment on column timeline.goes_back is 'Whether the rollout returned to what ran earlier.';
comment on column timeline.deploy_id is
'The deployment that the rollout began or joined; null for what is no rollout.';
comment on column timeline.takes_back_id is
'The deployment that a rollout that goes back took back: no rollback, but the root of a chain of
them; null where there is none.';

alter table timeline owner to dora_owner;
grant select, insert, update, delete on timeline to dora_metrics;
grant select on timeline to dora_reader;
