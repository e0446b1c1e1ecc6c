-- The service events that given artifacts and changes may be named by: those that name them, or
-- whose images were made of them. Under a tag, an artifact is what is deployed until the next one
-- is reported; the first that says what it was made of, also before it.
create or replace function naming_service_events(sources text[], ids text[])
returns table (cd_source text, cd_id text)
language sql stable as $$
    with keyed as materialized (
        select distinct known.is_service, known.cd_source, known.cd_id
        from given_names(naming_service_events.sources, naming_service_events.ids) as given
        cross join lateral (
            select found.* from version_keys as found
            where found.key = commit_key(given.name)
            offset 0
        ) as known
    ),

    artifacts as materialized (
        select * from given_artifact_events(
            naming_service_events.sources, naming_service_events.ids
        )
        union
        select fact.*
        from keyed
        cross join lateral (
            select known.* from artifact_events as known
            where known.cd_source = keyed.cd_source and known.cd_id = keyed.cd_id
            limit 1
        ) as fact
        where not keyed.is_service
    ),

    -- Where a digest was published with a tag, what has this tag may have this digest.
    reported as materialized (
        select
            artifacts.happened_at, artifacts.digest, artifacts.tag_key, artifacts.artifact,
            coalesce(artifacts.change_name, artifacts.commit_name) is not null as is_made
        from artifacts
        union
        select
            tagged.happened_at, tagged.digest, tagged.tag_key, tagged.artifact,
            coalesce(tagged.change_name, tagged.commit_name) is not null
        from artifacts
        cross join lateral (
            select known.* from artifact_events as known
            where known.digest = artifacts.digest
            offset 0
        ) as tagged
    ),

    spans as (
        select
            image_key.key, '-infinity'::timestamptz as begins_at,
            'infinity'::timestamptz as ends_at
        from reported cross join lateral image_keys(reported.artifact) as image_key (key)
        where image_key.key like 'digest %'
        union
        select
            image_key.key,
            case when exists (
                select from artifact_events as earlier
                where
                    coalesce(earlier.tag_key, earlier.artifact)
                    = coalesce(reported.tag_key, reported.artifact)
                    and (earlier.change_name is not null or earlier.commit_name is not null)
                    and earlier.happened_at < reported.happened_at
            ) then reported.happened_at else '-infinity' end,
            coalesce((
                select min(later.happened_at) from artifact_events as later
                where
                    coalesce(later.tag_key, later.artifact)
                    = coalesce(reported.tag_key, reported.artifact)
                    and (later.change_name is not null or later.commit_name is not null)
                    and later.happened_at > reported.happened_at
            ), 'infinity')
        from reported cross join lateral image_keys(reported.artifact) as image_key (key)
        where image_key.key not like 'digest %' and reported.is_made
        union
        select
            'tag ' || reported.tag_key, reported.happened_at,
            coalesce((
                select min(later.happened_at) from artifact_events as later
                where
                    later.tag_key = reported.tag_key
                    and later.digest is not null
                    and later.happened_at > reported.happened_at
            ), 'infinity')
        from reported
        where reported.tag_key is not null and reported.digest is not null
    )

    select keyed.cd_source, keyed.cd_id from keyed where keyed.is_service
    union
    select named.cd_source, named.cd_id
    from spans
    cross join lateral (
        select known.cd_source, known.cd_id from version_keys as known
        where
            known.key = spans.key
            and known.is_service
            and known.happened_at >= spans.begins_at
            and known.happened_at < spans.ends_at
        offset 0
    ) as named
$$;
