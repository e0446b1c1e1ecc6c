-- Which change a deployment names, itself (1) or by its artifact: by its digest (2), by the digest
-- that was last told under its tag before it (3), by what was last told of its tag or id before it,
-- or else first after it (4). One row per deployment, nulls where it names no known change.
create or replace view stg_deployed_changes as
select
    deployment.cd_source,
    deployment.cd_id,
    deployment.service_id,
    deployment.environment_id,
    deployment.cd_timestamp,
    deployment.revision,
    change.repository_id,
    change.branch,
    change.sha,
    change.mainline_position
from stg_deployments as deployment
left join lateral (
    select candidate.repository_id, candidate.branch, candidate.sha
    from (
        select deployment.commit_id as change_name, deployment.repository_id, 1 as preference
        where deployment.commit_id is not null
        union
        select named.change_name, null, known.preference
        from (
            select artifact.cd_source, artifact.cd_id, 2 as preference
            from artifact_keys as own
            inner join artifact_keys as artifact using (artifact_key)
            where
                own.cd_source = deployment.cd_source
                and own.cd_id = deployment.cd_id
                and own.artifact_key like 'digest %'
                and artifact.names_change
            union all
            select built.cd_source, built.cd_id, 3
            from artifact_keys as own
            cross join
                lateral (
                    select tag.cd_source, tag.cd_id from artifact_keys as tag
                    where
                        tag.artifact_key = own.artifact_key
                        and tag.cd_subject = 'artifact'
                        and tag.has_digest
                        and tag.cd_timestamp <= deployment.cd_timestamp
                    order by tag.cd_timestamp desc, tag.cd_source desc, tag.cd_id desc
                    limit 1
                ) as last_told
            inner join artifact_keys as digest
                on last_told.cd_source = digest.cd_source and last_told.cd_id = digest.cd_id
            inner join artifact_keys as built
                on digest.artifact_key = built.artifact_key
            where
                own.cd_source = deployment.cd_source
                and own.cd_id = deployment.cd_id
                and own.artifact_key like 'tag %'
                and digest.artifact_key like 'digest %'
                and built.names_change
            union all
            select nearest.cd_source, nearest.cd_id, 4
            from (
                select key.artifact_key from artifact_keys as key
                where
                    key.cd_source = deployment.cd_source
                    and key.cd_id = deployment.cd_id
                    and key.artifact_key not like 'digest %'
                order by key.artifact_key like 'tag %' desc
                limit 1
            ) as own
            cross join
                lateral stg_nearest_artifact(own.artifact_key, deployment.cd_timestamp) as nearest
        ) as known
        cross join
            lateral (
                -- The limit keeps it a look-up: many share a tag that moves.
                select artifact.change_id, artifact.commit_id from cdevents_raw as artifact
                where
                    artifact.cd_source = known.cd_source
                    and artifact.cd_id = known.cd_id
                order by artifact.cd_id
                limit 1
            ) as telling
        cross join
            lateral (values (telling.change_id), (telling.commit_id)) as named (change_name)
        where named.change_name is not null
    ) as told
    cross join
        lateral (
            select commit.repository_id, commit.branch, commit.sha
            from change_commits as commit
            where commit.sha = told.change_name
            union all
            select commit.repository_id, commit.branch, commit.sha
            from change_commits as commit
            where commit.subject_id = told.change_name and commit.is_last
        ) as candidate
    where told.repository_id is null or candidate.repository_id = told.repository_id
    order by told.preference, candidate.repository_id, candidate.branch, candidate.sha
    limit 1
) as named on true
left join lateral (
    select
        commit.repository_id, commit.branch, commit.sha,
        max(commit.mainline_position) as mainline_position
    from change_commits as commit
    where
        commit.repository_id = named.repository_id
        and commit.branch = named.branch
        and commit.sha = named.sha
    group by commit.repository_id, commit.branch, commit.sha
) as change on true;

alter view stg_deployed_changes owner to dora_owner;
grant select on stg_deployed_changes to dora_writer, dora_reader;

-- The same for one deployment.
create or replace function stg_deployed_change(source text, id text)
returns setof stg_deployed_changes
language sql stable as $$
    select known.* from stg_deployed_changes as known
    where known.cd_source = stg_deployed_change.source and known.cd_id = stg_deployed_change.id
    limit 1
$$;
