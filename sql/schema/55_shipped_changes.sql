-- Lead time's second table: one row per deployment and change that it shipped.
create table if not exists shipped_changes (
    deploy_source text not null,
    deploy_id text not null,
    repository_id text not null,
    sha text not null,
    branch text not null,
    service_id text not null,
    environment_id text not null,
    committed_at timestamptz,
    opened_at timestamptz,
    merged_at timestamptz not null,
    deployed_at timestamptz not null,
    revision bigint not null,
    is_bot boolean not null,
    clock text not null check (clock in ('commit', 'opened', 'merged')),
    lead_time_seconds double precision not null,
    commit_to_opened_seconds double precision,
    opened_to_merged_seconds double precision,
    merged_to_deployed_seconds double precision,
    primary key (deploy_source, deploy_id, repository_id, sha)
);

-- Every query reads a span of time of the places that it is about, and nothing but this index; a
-- list reads it from its end.
create index if not exists shipped_changes_place
on shipped_changes (service_id, environment_id, deployed_at)
include (
    lead_time_seconds, commit_to_opened_seconds, opened_to_merged_seconds,
    merged_to_deployed_seconds, is_bot
);
create index if not exists shipped_changes_time on shipped_changes (deployed_at);

-- Whether another deployment of the service shipped a change before.
create index if not exists shipped_changes_change on shipped_changes (service_id, sha);

comment on table shipped_changes is 'One row per deployment and change that it shipped.';
comment on column shipped_changes.repository_id is
'URL of the repository; the first one, where it was renamed.';
comment on column shipped_changes.branch is 'The branch on which it was reached.';
comment on column shipped_changes.is_bot is 'Whether its author is known to be a bot.';
comment on column shipped_changes.clock is 'At what its lead time starts.';
comment on column shipped_changes.lead_time_seconds is
'From the start of the clock to the deployment; at least 0.';
comment on column shipped_changes.commit_to_opened_seconds is
'A stage of the lead time, as the next two: at least 0; null where one of its ends is not known.';

alter table shipped_changes owner to dora_owner;
grant select, insert, update, delete on shipped_changes to dora_metrics;
grant select on shipped_changes to dora_reader;
