-- Which change a deployment names, itself (1) or by its artifact: by its digest (2), by the digest
-- that was last told under its tag before it (3), by its tag or as it is told (4). One row per
-- deployment, nulls where it names no known change.
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
            select
                own.artifact_key,
                case when own.artifact_key like 'digest %' then 2 else 4 end as preference
            from artifact_keys as own
            where own.cd_source = deployment.cd_source and own.cd_id = deployment.cd_id
            union all
            (
                select digest.artifact_key, 3
                from artifact_keys as own
                inner join artifact_keys as tag
                    on own.artifact_key = tag.artifact_key and tag.cd_subject = 'artifact'
                inner join artifact_keys as digest
                    on tag.cd_source = digest.cd_source and tag.cd_id = digest.cd_id
                inner join cdevents_raw as telling
                    on tag.cd_source = telling.cd_source and tag.cd_id = telling.cd_id
                where
                    own.cd_source = deployment.cd_source
                    and own.cd_id = deployment.cd_id
                    and own.artifact_key like 'tag %'
                    and digest.artifact_key like 'digest %'
                    and telling.cd_predicate in ('packaged', 'published')
                    and telling.cd_timestamp <= deployment.cd_timestamp
                order by
                    telling.cd_timestamp desc, telling.cd_source desc, telling.cd_id desc
                limit 1
            )
        ) as known
        inner join artifact_keys as shared
            on known.artifact_key = shared.artifact_key and shared.cd_subject = 'artifact'
        inner join cdevents_raw as artifact
            on shared.cd_source = artifact.cd_source and shared.cd_id = artifact.cd_id
        cross join
            lateral (values (artifact.change_id), (artifact.commit_id)) as named (change_name)
        where
            artifact.cd_predicate in ('packaged', 'published')
            and named.change_name is not null
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
