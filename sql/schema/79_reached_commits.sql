-- Up to where each service and environment has come: one row per commit in a step that a deployment
-- reached, with the earliest deployment that did.
create table if not exists reached_commits (
    service_id text not null,
    environment_id text not null,
    step_source text not null,
    step_id text not null,
    place integer not null,
    sha text not null,
    repository_url text not null,
    deploy_source text not null,
    deploy_id text not null,
    deployed_at timestamptz not null,
    ships boolean not null,
    primary key (service_id, environment_id, step_source, step_id, place)
);

-- What a deployment reached; whether a commit was reached as part of another step.
create index if not exists reached_commits_deployment
on reached_commits (deploy_source, deploy_id);
create index if not exists reached_commits_sha
on reached_commits (service_id, environment_id, sha);

comment on table reached_commits is
'Which commits each service and environment has reached, and with which deployment first.';
comment on column reached_commits.place is 'Its place in change_commits.';
comment on column reached_commits.ships is
'False for what the first deployment of a repository reaches beside the commit that it names.';

alter table reached_commits owner to dora_owner;
grant select, insert, update, delete on reached_commits to dora_writer;
grant select on reached_commits to dora_reader;
