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

    keys as (
        select key.artifact_key
        from names
        inner join cdevents_raw as artifact on names.change_name = artifact.change_id
        inner join artifact_keys as key
            on artifact.cd_source = key.cd_source and artifact.cd_id = key.cd_id
        union
        select key.artifact_key
        from names
        inner join cdevents_raw as artifact on names.change_name = artifact.commit_id
        inner join artifact_keys as key
            on artifact.cd_source = key.cd_source and artifact.cd_id = key.cd_id
        where artifact.cd_subject = 'artifact'
        union
        select key.artifact_key
        from given
        cross join artifact_keys(given.cd_subject_id) as key (artifact_key)
        where given.cd_subject = 'artifact'
    ),

    -- Who is deployed by a tag is known by the digest that is told with it.
    known as (
        select keys.artifact_key from keys
        union
        select tag.artifact_key
        from keys
        inner join artifact_keys as digest using (artifact_key)
        inner join artifact_keys as tag
            on digest.cd_source = tag.cd_source and digest.cd_id = tag.cd_id
        where
            keys.artifact_key like 'digest %'
            and digest.cd_subject = 'artifact'
            and tag.artifact_key like 'tag %'
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
    from known
    inner join artifact_keys as key using (artifact_key)
    where key.cd_subject = 'service'
$$;
