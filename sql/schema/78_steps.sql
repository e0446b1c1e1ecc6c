-- How the branches of repositories grew: one row per change.merged. A step reaches the commits that
-- it lists, in their order, and all that its parent reaches.
create table if not exists steps (
    step_source text not null,
    step_id text not null,
    repository_url text not null,
    branch_key text not null,
    merged_at timestamptz not null,
    is_step boolean not null,
    is_gap boolean not null,
    parent_source text,
    parent_id text,
    parent_place integer,
    primary key (step_source, step_id)
);

-- The step before in a branch, and the steps that continue from one.
create index if not exists steps_branch
on steps (repository_url, branch_key, merged_at, step_source, step_id) where is_step;
create index if not exists steps_parent
on steps (parent_source, parent_id) where parent_id is not null;

comment on table steps is 'How the branches of repositories grew: one row per change.merged.';
comment on column steps.branch_key is
'The branch; the same for all that were ever told to be the repository''s default.';
comment on column steps.is_step is
'False for a report of a merge whose commit a push lists: it adds nothing to the branch.';
comment on column steps.is_gap is
'Whether it tells from which commit it continues, and nobody knows that one.';
comment on column steps.parent_id is
'The step from one of whose commits it continues; null for the first of a branch.';
comment on column steps.parent_place is 'That commit''s place in change_commits.';

alter table steps owner to dora_owner;
grant select, insert, update, delete on steps to dora_writer;
grant select on steps to dora_reader;
