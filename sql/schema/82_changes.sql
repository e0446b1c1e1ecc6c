-- Changes: one row per repository and commit, with all that its reports say together.
create table if not exists changes (
    repository_url text not null,
    sha text not null,
    step_source text,
    step_id text,
    place integer,
    committed_at timestamptz,
    opened_at timestamptz,
    merged_at timestamptz not null,
    is_bot boolean not null,
    is_merge boolean not null,
    paths text[],
    primary key (sha, repository_url)
);

comment on table changes is 'One row per repository and commit that a change.merged lists.';
comment on column changes.repository_url is 'The first one, where the repository was renamed.';
comment on column changes.step_id is
'The step in which it is taken: the earliest that ends with it, else the earliest that lists it.';
comment on column changes.place is 'Its place in that step.';
comment on column changes.committed_at is 'The earliest commit time that is reported.';
comment on column changes.opened_at is 'The earliest opening of a pull request that brought it.';
comment on column changes.merged_at is 'When it was first reported.';
comment on column changes.is_bot is 'Whether a report says that its author is a bot.';
comment on column changes.is_merge is
'Whether it is only the merge of commits that are changes themselves.';
comment on column changes.paths is 'What it touches; null where that is not known.';

alter table changes owner to dora_owner;
grant select, insert, update, delete on changes to dora_metrics;
grant select on changes to dora_reader;
