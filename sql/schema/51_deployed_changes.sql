-- Lead time's table: one row per deployment, with the changes that it names, and how far it is
-- known what it ships.
create table if not exists deployed_changes (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    revision bigint not null,
    commits text[] not null,
    listed text[] not null,
    is_linked boolean not null,
    gaps integer not null default 0,
    incomplete_pushes integer not null default 0,
    contradictions integer not null default 0,
    primary key (deploy_source, deploy_id)
);

-- A place's deployments follow each other, and every query reads a span of time of them; some name
-- a commit.
create index if not exists deployed_changes_place
on deployed_changes (
    service_id, environment_id, deployed_at, revision, deploy_source, deploy_id
) include (is_linked, gaps, contradictions, incomplete_pushes);
create index if not exists deployed_changes_commits
on deployed_changes using gin (commits) with (fastupdate = off);
create index if not exists deployed_changes_listed
on deployed_changes using gin (listed) with (fastupdate = off);

comment on table deployed_changes is 'One row per deployment, with the changes that it names.';
comment on column deployed_changes.commits is
'What it names: a repository, a space and a commit each.';
comment on column deployed_changes.listed is
'Commits that its rollouts list beside: a repository, a space and a commit each.';
comment on column deployed_changes.is_linked is 'Whether it names a known change.';
comment on column deployed_changes.gaps is
'Steps that it was the first to reach and that continue from what nobody knows.';
comment on column deployed_changes.incomplete_pushes is
'Pushes that it was the first to reach and that list fewer commits than they had.';
comment on column deployed_changes.contradictions is
'Changes that it would reach, had they not been committed and first reported after it.';

alter table deployed_changes owner to dora_owner;
grant select, insert, update, delete on deployed_changes to dora_metrics;
grant select on deployed_changes to dora_reader;
