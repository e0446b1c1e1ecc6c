-- Lead time's table: one row per deployment, with the change that it names and the place in the
-- branch up to which an earlier deployment had shipped; between the two are the changes it ships.
create table if not exists deployed_changes (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    revision bigint not null,
    repository_id text,
    branch text,
    sha text,
    mainline_position text collate "C",
    previous_position text collate "C",
    primary key (deploy_source, deploy_id)
);

alter table deployed_changes add column if not exists is_linked boolean;
alter table deployed_changes add column if not exists commits text[];
alter table deployed_changes add column if not exists gaps integer;
alter table deployed_changes add column if not exists contradictions integer;
alter table deployed_changes add column if not exists missing_commits integer;

-- Every query reads a span of time; a service's deployments of a branch follow each other.
create index if not exists deployed_changes_time on deployed_changes (deployed_at);
create index if not exists deployed_changes_service
on deployed_changes (
    service_id, environment_id, repository_id, branch, deployed_at, revision, deploy_source,
    deploy_id
);

-- Which deployments ship a commit.
create index if not exists deployed_changes_position
on deployed_changes (repository_id, branch, mainline_position);

comment on table deployed_changes is 'One row per deployment, with the change that it names.';
comment on column deployed_changes.sha is 'The change; null where no known one is named.';
comment on column deployed_changes.mainline_position is 'Its place in the branch.';
comment on column deployed_changes.previous_position is
'The furthest place that an earlier deployment shipped; null for the first one.';
comment on column deployed_changes.is_linked is 'Whether it names a known change.';
comment on column deployed_changes.commits is
'What it names: a repository, a space and a commit each.';
comment on column deployed_changes.gaps is
'Steps that it ships and that continue from what nobody knows.';
comment on column deployed_changes.contradictions is
'Changes that it would ship, had they not been committed and first reported after it.';
comment on column deployed_changes.missing_commits is
'Commits that the pushes which it ships had beyond those that they list.';

alter table deployed_changes owner to dora_owner;
grant select, insert, update, delete on deployed_changes to dora_writer;
grant select on deployed_changes to dora_reader;
