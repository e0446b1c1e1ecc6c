-- Which digest a repository and tag meant at a moment; null where nobody had reported it by then.
create or replace function tagged_digest(tag_key text, moment timestamptz) returns text
language sql stable as $$
    select fact.digest from artifact_events as fact
    where
        fact.tag_key = tagged_digest.tag_key
        and fact.digest is not null
        and fact.happened_at <= tagged_digest.moment
    order by fact.happened_at desc, fact.cd_source desc, fact.cd_id desc
    limit 1
$$;

-- The event that says what an artifact was made of by its repository and tag, or else its id: the
-- last one at a moment at the latest; where there is none, the first after it. Or no row.
create or replace function nearest_made(name text, moment timestamptz)
returns setof artifact_events
language sql stable as $$
    (
        select fact.* from artifact_events as fact
        where
            coalesce(fact.tag_key, fact.artifact) = nearest_made.name
            and (fact.change_name is not null or fact.commit_name is not null)
            and fact.happened_at <= nearest_made.moment
        order by fact.happened_at desc, fact.cd_source desc, fact.cd_id desc
        limit 1
    )
    union all
    (
        select fact.* from artifact_events as fact
        where
            coalesce(fact.tag_key, fact.artifact) = nearest_made.name
            and (fact.change_name is not null or fact.commit_name is not null)
            and fact.happened_at > nearest_made.moment
        order by fact.happened_at, fact.cd_source, fact.cd_id
        limit 1
    )
    limit 1
$$;

-- Events that say what an image of canonical form was made of, as known of it at a moment: those
-- of its digest, one for each repository; where there are none, that of its tag or id.
create or replace function made_of(image text, moment timestamptz) returns setof artifact_events
language sql stable as $$
    with by_digest as (
        select distinct on (fact.repository_url) fact.*
        from artifact_events as fact
        where
            fact.digest = (
                select coalesce(
                    artifact_digest(made_of.image),
                    tagged_digest(artifact_tag_key(made_of.image), made_of.moment)
                )
            )
            and (fact.change_name is not null or fact.commit_name is not null)
        order by
            fact.repository_url,
            fact.happened_at > made_of.moment,
            abs(extract(epoch from fact.happened_at - made_of.moment)),
            fact.cd_source desc, fact.cd_id desc
    )

    select * from by_digest
    union all
    select nearest.*
    from nearest_made(
        coalesce(artifact_tag_key(made_of.image), made_of.image), made_of.moment
    ) as nearest
    where not exists (select from by_digest)
$$;
