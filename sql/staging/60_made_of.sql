-- Which digest a repository and tag meant at a moment; null where nobody told by then.
create or replace function tagged_digest(tag_key text, moment timestamptz) returns text
language sql stable as $$
    select told.digest from artifact_events as told
    where
        told.tag_key = tagged_digest.tag_key
        and told.digest is not null
        and told.happened_at <= tagged_digest.moment
    order by told.happened_at desc, told.cd_source desc, told.cd_id desc
    limit 1
$$;

-- The event that tells what an artifact was made of by its repository and tag, or else its id: the
-- last one at a moment at the latest; where there is none, the first after it. Or no row.
create or replace function nearest_made(name text, moment timestamptz)
returns setof artifact_events
language sql stable as $$
    (
        select told.* from artifact_events as told
        where
            coalesce(told.tag_key, told.artifact) = nearest_made.name
            and (told.change_name is not null or told.commit_name is not null)
            and told.happened_at <= nearest_made.moment
        order by told.happened_at desc, told.cd_source desc, told.cd_id desc
        limit 1
    )
    union all
    (
        select told.* from artifact_events as told
        where
            coalesce(told.tag_key, told.artifact) = nearest_made.name
            and (told.change_name is not null or told.commit_name is not null)
            and told.happened_at > nearest_made.moment
        order by told.happened_at, told.cd_source, told.cd_id
        limit 1
    )
    limit 1
$$;

-- Events that tell what an image of canonical form was made of, as known of it at a moment: those
-- of its digest, one for each repository; where there are none, that of its tag or id.
create or replace function made_of(image text, moment timestamptz) returns setof artifact_events
language sql stable as $$
    with by_digest as (
        select distinct on (told.repository_url) told.*
        from artifact_events as told
        where
            told.digest = (
                select coalesce(
                    artifact_digest(made_of.image),
                    tagged_digest(artifact_tag_key(made_of.image), made_of.moment)
                )
            )
            and (told.change_name is not null or told.commit_name is not null)
        order by
            told.repository_url,
            told.happened_at > made_of.moment,
            abs(extract(epoch from told.happened_at - made_of.moment)),
            told.cd_source desc, told.cd_id desc
    )

    select * from by_digest
    union all
    select nearest.*
    from nearest_made(
        coalesce(artifact_tag_key(made_of.image), made_of.image), made_of.moment
    ) as nearest
    where not exists (select from by_digest)
$$;
