-- What the log says of changes: one row per change.merged. The commits that it lists are in
-- change_commits.
create table if not exists changes_merged (
    cd_source text not null,
    cd_id text not null,
    repository_url text not null,
    repository_number text,
    branch text not null,
    before text,
    head text,
    opened_at timestamptz,
    merged_at timestamptz not null,
    subject_id text not null,
    last_sha text not null,
    default_branch text,
    reports_merge boolean not null,
    total_commits integer not null,
    primary key (cd_source, cd_id)
);

-- Changes by what names them, and the merge of a head.
create index if not exists changes_merged_subject on changes_merged (subject_id);
create index if not exists changes_merged_last on changes_merged (last_sha);
create index if not exists changes_merged_reports on changes_merged (last_sha) where reports_merge;
create index if not exists changes_merged_head
on changes_merged ((head collate "C")) where head is not null;

-- The steps of a branch in their order.
create index if not exists changes_merged_branch
on changes_merged (repository_url, branch, merged_at, cd_source, cd_id);

-- Whether a branch was ever reported as the default.
create index if not exists changes_merged_default
on changes_merged (repository_url, default_branch) where default_branch is not null;

-- The numbers of repositories.
create index if not exists changes_merged_number
on changes_merged (repository_url, repository_number) where repository_number is not null;

comment on table changes_merged is
'What the log says of changes: one row per change.merged; written by a trigger of cdevents_raw in
the same transaction.';
comment on column changes_merged.repository_url is 'In canonical form; empty where it has none.';
comment on column changes_merged.repository_number is 'customData.dora.repositoryId.';
comment on column changes_merged.branch is 'customData.dora.branch; empty where it has none.';
comment on column changes_merged.before is
'customData.dora.before: the commit from which the branch was pushed on; null where it is not
reported, or all zeros.';
comment on column changes_merged.head is
'customData.dora.head: the last commit of the pull request that was merged.';
comment on column changes_merged.last_sha is 'The last of its commits, or else its subject.';
comment on column changes_merged.default_branch is
'customData.dora.defaultBranch: the name of the repository''s default branch.';
comment on column changes_merged.reports_merge is 'Whether it has a head or an opening.';
comment on column changes_merged.total_commits is
'customData.dora.totalCommits; as many as it lists where it does not say.';

alter table changes_merged owner to dora_owner;
grant select, insert, delete on changes_merged to dora_writer;
grant select on changes_merged to dora_metrics, dora_reader;

-- What a change.merged of the log says; no row for others.
create or replace function change_fact(event cdevents_raw) returns setof changes_merged
language sql stable as $$
    select
        event.cd_source,
        event.cd_id,
        coalesce(canonical_repository(event.repository_id), ''),
        dora ->> 'repositoryId',
        coalesce(dora ->> 'branch', ''),
        nullif(commit_name(dora ->> 'before'), repeat('0', length(dora ->> 'before'))),
        commit_name(dora ->> 'head'),
        (dora ->> 'openedAt')::timestamptz,
        event.cd_timestamp,
        commit_name(event.cd_subject_id),
        commit_name(coalesce(dora #>> '{commits,-1,sha}', event.cd_subject_id)),
        dora ->> 'defaultBranch',
        dora ? 'head' or dora ? 'openedAt',
        coalesce(
            (dora ->> 'totalCommits')::numeric::integer,
            greatest(jsonb_array_length(coalesce(nullif(dora -> 'commits', 'null'), '[]')), 1)
        )
    from (
        select coalesce(event.content #> '{customData,dora}', '{}') as dora
    ) as custom
    where event.cd_subject = 'change' and event.cd_predicate = 'merged'
$$;
