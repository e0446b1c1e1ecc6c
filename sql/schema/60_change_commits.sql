-- What the log tells of commits: one row per change.merged and commit that it names.
create table if not exists change_commits (
    cd_source text not null,
    cd_id text not null,
    repository_id text not null,
    branch text not null,
    sha text not null,
    subject_id text not null,
    is_last boolean not null,
    committed_at timestamptz,
    opened_at timestamptz,
    merged_at timestamptz not null,
    mainline_position text collate "C" not null,
    primary key (cd_source, cd_id, sha)
);

alter table change_commits add column if not exists place integer;
alter table change_commits add column if not exists is_bot boolean;
alter table change_commits add column if not exists paths text[];

-- Commits by their first digits.
create index if not exists change_commits_digits on change_commits ((sha collate "C"));

-- A step's commits by their places.
create index if not exists change_commits_place on change_commits (cd_source, cd_id, place);

-- One commit in all its tellings; the commits between two places of a branch; a change by its name.
create index if not exists change_commits_commit on change_commits (repository_id, branch, sha);
create index if not exists change_commits_position
on change_commits (repository_id, branch, mainline_position);
create index if not exists change_commits_sha on change_commits (sha);
create index if not exists change_commits_subject on change_commits (subject_id) where is_last;

comment on table change_commits is
'What the log tells of commits; filled by a trigger of cdevents_raw in the same transaction.';
comment on column change_commits.subject_id is 'Id of the change, such as a pull request.';
comment on column change_commits.is_last is 'Whether it is the last of its event''s commits.';
comment on column change_commits.place is 'Its place in its event''s list, from 1.';
comment on column change_commits.is_bot is 'Whether its author is told to be a bot.';
comment on column change_commits.paths is 'What it touches; null where that is not told.';
comment on column change_commits.mainline_position is
'Sorts the commits of a branch: time of the merge, place in the event, id.';

alter table change_commits owner to dora_owner;
grant select, insert, delete on change_commits to dora_writer;
grant select on change_commits to dora_reader;

-- What a change.merged tells of commits: each that it names, or else its subject.
create or replace function told_commits(content jsonb, cd_timestamp timestamptz)
returns table (
    repository_id text, branch text, sha text, subject_id text, is_last boolean,
    committed_at timestamptz, opened_at timestamptz, merged_at timestamptz, mainline_position text,
    place integer, is_bot boolean, paths text[]
)
language sql stable as $$
    select
        coalesce(content #>> '{subject,content,repository,id}', ''),
        coalesce(content #>> '{customData,dora,branch}', ''),
        told.sha,
        content #>> '{subject,id}',
        told.place = max(told.place) over (),
        told.committed_at,
        (content #>> '{customData,dora,openedAt}')::timestamptz,
        cd_timestamp,
        to_char(cd_timestamp at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
        || to_char(told.place, ' 000000 ') || told.sha,
        told.place::integer,
        told.is_bot,
        case
            when told.paths is not null
                then array(select path from jsonb_array_elements_text(told.paths) as path)
        end
    from (
        select
            commit_name(named.commit ->> 'sha') as sha, max(named.place) as place,
            min((named.commit ->> 'committedAt')::timestamptz) as committed_at,
            bool_or(named.commit -> 'bot' = 'true') as is_bot,
            (array_agg(named.commit -> 'paths' order by named.place desc) filter (
                where jsonb_typeof(named.commit -> 'paths') = 'array'
            ))[1] as paths
        from jsonb_array_elements(coalesce(
            nullif(content #> '{customData,dora,commits}', '[]'),
            jsonb_build_array(jsonb_build_object('sha', content #>> '{subject,id}'))
        )) with ordinality as named (commit, place)
        group by commit_name(named.commit ->> 'sha')
    ) as told
$$;
