-- What names a change and was last told of an artifact by its tag or id, at a moment at the latest;
-- where there is none, first after it. Or no row.
create or replace function stg_nearest_artifact(artifact_key text, moment timestamptz)
returns table (cd_source text, cd_id text)
language sql stable as $$
    select found.cd_source, found.cd_id
    from (
        (
            select artifact.cd_source, artifact.cd_id, false as is_late
            from artifact_keys as artifact
            where
                artifact.artifact_key = stg_nearest_artifact.artifact_key
                and artifact.names_change
                and artifact.cd_timestamp <= stg_nearest_artifact.moment
            order by artifact.cd_timestamp desc, artifact.cd_source desc, artifact.cd_id desc
            limit 1
        )
        union all
        (
            select artifact.cd_source, artifact.cd_id, true
            from artifact_keys as artifact
            where
                artifact.artifact_key = stg_nearest_artifact.artifact_key
                and artifact.names_change
                and artifact.cd_timestamp > stg_nearest_artifact.moment
            order by artifact.cd_timestamp, artifact.cd_source, artifact.cd_id
            limit 1
        )
    ) as found
    order by found.is_late
    limit 1
$$;
