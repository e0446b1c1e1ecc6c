-- Which deployments may name another change when events are given: themselves and the revision
-- after them; those that name a given commit or change, or an artifact that was made of it.
create or replace function stg_naming_deployments(sources text[], ids text[])
returns table (cd_source text, cd_id text)
language sql stable as $$
    with given as materialized (
        select * from stg_given(stg_naming_deployments.sources, stg_naming_deployments.ids)
    ),

    commits as materialized (
        select commit.repository_id, commit.branch, commit.sha
        from given inner join change_commits as commit using (cd_source, cd_id)
        union
        select commit.repository_id, commit.branch, commit.sha
        from given
        inner join cdevents_replaced as replaced using (cd_source, cd_id)
        cross join told_commits(replaced.content, replaced.cd_timestamp) as commit
        where given.cd_subject = 'change'
    ),

    names as materialized (
        select given.cd_subject_id as change_name from given where given.cd_subject = 'change'
        union
        select commits.sha from commits
        union
        -- Told again, a commit may move, and with it what names it by another event's subject.
        select telling.subject_id
        from commits
        inner join change_commits as telling using (repository_id, branch, sha)
        where telling.is_last
    ),

    artifacts as (
        select
            given.cd_subject_id as purl, given.cd_timestamp,
            given.change_id is not null or given.commit_id is not null as names_change
        from given
        where given.cd_subject = 'artifact'
        union
        select artifact.cd_subject_id, artifact.cd_timestamp, true
        from names
        inner join cdevents_raw as artifact on names.change_name = artifact.change_id
        union
        select artifact.cd_subject_id, artifact.cd_timestamp, true
        from names
        inner join cdevents_raw as artifact on names.change_name = artifact.commit_id
        where artifact.cd_subject = 'artifact'
    ),

    keys as materialized (
        select
            key.artifact_key, artifacts.cd_timestamp, artifacts.names_change,
            bool_or(key.artifact_key like 'digest %') over (
                partition by artifacts.purl
            ) as has_digest
        from artifacts
        cross join artifact_keys(artifacts.purl) as key (artifact_key)
    ),

    -- Under a tag or id, an artifact is what is deployed until the next one is told; the first one
    -- also before it. Who is deployed by a tag is known by the digest that is told with it.
    spans as (
        select
            keys.artifact_key,
            case
                when exists (
                    select from artifact_keys as earlier
                    where
                        earlier.artifact_key = keys.artifact_key
                        and earlier.names_change
                        and earlier.cd_timestamp < keys.cd_timestamp
                ) then keys.cd_timestamp
                else '-infinity'
            end as starts_at,
            (
                select min(later.cd_timestamp) from artifact_keys as later
                where
                    later.artifact_key = keys.artifact_key
                    and later.names_change
                    and later.cd_timestamp > keys.cd_timestamp
            ) as ends_at
        from keys
        where keys.names_change and keys.artifact_key not like 'digest %'
        union
        select
            tagged.artifact_key, tagged.cd_timestamp,
            (
                select min(later.cd_timestamp) from artifact_keys as later
                where
                    later.artifact_key = tagged.artifact_key
                    and later.cd_subject = 'artifact'
                    and later.has_digest
                    and later.cd_timestamp > tagged.cd_timestamp
            )
        from (
            select keys.artifact_key, keys.cd_timestamp from keys where keys.has_digest
            union
            select tag.artifact_key, tag.cd_timestamp
            from keys
            inner join artifact_keys as digest using (artifact_key)
            inner join artifact_keys as tag
                on digest.cd_source = tag.cd_source and digest.cd_id = tag.cd_id
            where
                keys.artifact_key like 'digest %'
                and digest.cd_subject = 'artifact'
                and digest.has_digest
        ) as tagged
        where tagged.artifact_key like 'tag %'
        union
        select keys.artifact_key, '-infinity', null from keys
        where keys.artifact_key like 'digest %'
    )

    select given.cd_source, given.cd_id from given where given.cd_subject = 'service'
    union
    select later.cd_source, later.cd_id
    from given
    cross join
        lateral stg_next_revision(
            given.cd_source, given.deployment_uid, given.deployment_revision
        ) as later
    union
    select event.cd_source, event.cd_id
    from names
    inner join cdevents_raw as event on names.change_name = event.commit_id
    where event.cd_subject = 'service'
    union
    select key.cd_source, key.cd_id
    from spans
    cross join
        lateral (
            select deployed.cd_source, deployed.cd_id from artifact_keys as deployed
            where
                deployed.artifact_key = spans.artifact_key
                and deployed.cd_subject = 'service'
                and deployed.cd_timestamp >= spans.starts_at
                and deployed.cd_timestamp < coalesce(spans.ends_at, 'infinity')
            -- Keeps it a look-up: many share a tag that moves.
            offset 0
        ) as key
$$;
