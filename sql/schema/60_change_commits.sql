-- What the log says of commits: one row per change.merged and commit that it lists, or else its
-- subject.
create table if not exists change_commits (
    cd_source text not null,
    cd_id text not null,
    sha text not null,
    place integer not null,
    committed_at timestamptz,
    is_bot boolean,
    paths text[],
    primary key (cd_source, cd_id, sha)
);

-- Where a commit is listed; commits by their first digits; a step's commits by their places.
create index if not exists change_commits_sha on change_commits (sha);
create index if not exists change_commits_digits on change_commits ((sha collate "C"));
create index if not exists change_commits_place on change_commits (cd_source, cd_id, place);

comment on table change_commits is
'What the log says of commits; written by a trigger of cdevents_raw in the same transaction.';
comment on column change_commits.place is 'Its place in its event''s list, from 1.';
comment on column change_commits.is_bot is 'Whether the event says that its author is a bot.';
comment on column change_commits.paths is 'What it touches; null where the event does not say.';

alter table change_commits owner to dora_owner;
grant select, insert, delete on change_commits to dora_writer;
grant select on change_commits to dora_metrics, dora_reader;

-- What an event of the log says of commits; no row for others than change.merged.
create or replace function commit_facts(event cdevents_raw) returns setof change_commits
language sql stable as $$
    select
        event.cd_source, event.cd_id, listed.sha, listed.place::integer, listed.committed_at,
        listed.is_bot,
        case
            when listed.paths is not null
                then array(select path from jsonb_array_elements_text(listed.paths) as path)
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
            nullif(event.content #> '{customData,dora,commits}', '[]'),
            jsonb_build_array(jsonb_build_object('sha', event.cd_subject_id))
        )) with ordinality as named (commit, place)
        where event.cd_subject = 'change' and event.cd_predicate = 'merged'
        group by commit_name(named.commit ->> 'sha')
    ) as listed
$$;
