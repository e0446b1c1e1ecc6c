-- How the branches of repositories grew: one row per change.merged. A step reaches the commits that
-- it lists, in their order, and all that its parent reaches.
create table if not exists steps (
    step_source text not null,
    step_id text not null,
    repository_url text not null,
    branch_key text not null,
    merged_at timestamptz not null,
    is_step boolean not null,
    before text,
    last_place integer not null,
    is_incomplete boolean not null,
    is_gap boolean not null default false,
    parent_source text,
    parent_id text,
    parent_place integer,
    primary key (step_source, step_id)
);

-- The steps before and after one in a branch, and those that say from which commit they continue.
create index if not exists steps_branch
on steps (repository_url, branch_key, merged_at, step_source, step_id);
create index if not exists steps_before on steps (before) where before is not null;

comment on table steps is 'How the branches of repositories grew: one row per change.merged.';
comment on column steps.repository_url is 'The first one, where the repository was renamed.';
comment on column steps.branch_key is
'The branch; HEAD for all that were ever reported as the repository''s default.';
comment on column steps.is_step is
'False for a report of a merge whose commit a push lists: it adds nothing to the branch.';
comment on column steps.before is 'The commit from which it says that it continues.';
comment on column steps.last_place is 'Place of its last commit in change_commits.';
comment on column steps.is_incomplete is
'Whether it lists fewer commits than it says that it had.';
comment on column steps.is_gap is
'Whether it says from which commit it continues, and nobody knows that one.';
comment on column steps.parent_id is
'The step from one of whose commits it continues; null for a beginning.';
comment on column steps.parent_place is 'That commit''s place in change_commits.';

alter table steps owner to dora_owner;
grant select, insert, update, delete on steps to dora_metrics;
grant select on steps to dora_reader;
