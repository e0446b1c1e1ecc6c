-- The repositories that a service is known to come from: of the catalog, named by its events, or
-- that artifacts of it were made of. Null where none is known.
create or replace function service_repositories(service_id text) returns text[]
language sql stable as $$
    select array_agg(origin.repository_url)
    from (
        select known.repository_url
        from reported_repositories(service_repositories.service_id) as known
        union
        select resolved_repository(said.repository_url) from catalog_repositories as said
        where said.service_id = service_repositories.service_id
    ) as origin
$$;

-- The version of a service event, but for its artifact: its digest; its commits, one for each
-- repository, as a repository, a space and a commit; and the repositories that it names or that
-- artifacts of it were made of.
create or replace function version_of(event service_events, service_id text)
returns table (digest text, commits text[], repositories text[])
language sql stable as $$
    with made as materialized (
        select
            image.place, fact.commit_name, fact.change_name,
            row_number() over (
                partition by image.place
                order by
                    fact.happened_at > (version_of.event).happened_at,
                    abs(extract(epoch from fact.happened_at - (version_of.event).happened_at)),
                    fact.cd_source desc, fact.cd_id desc
            ) as nearness,
            resolved_repository(fact.repository_url) as repository_url
        from unnest((version_of.event).images) with ordinality as image (name, place)
        cross join lateral made_of(image.name, (version_of.event).happened_at) as fact
    ),

    named as (
        select
            1 as kind, 0 as place, 0 as nearness, (version_of.event).commit_name as name,
            0 as name_place,
            resolved_repository((version_of.event).repository_url) as repository_url
        where (version_of.event).commit_name is not null
        union all
        select 2, made.place, made.nearness, called.name, called.name_place, made.repository_url
        from made
        cross join lateral (
            values (made.commit_name, 1), (made.change_name, 2)
        ) as called (name, name_place)
        where called.name is not null
        union all
        select 3, image.place, 0, commit_of_tag(image.name), 0, null
        from unnest((version_of.event).images) with ordinality as image (name, place)
        where commit_of_tag(image.name) is not null
    ),

    found as materialized (
        select
            named.kind, named.place, named.nearness, named.name_place,
            coalesce(known.repository_url, named.repository_url, '') as repository_url,
            coalesce(known.sha, named.name) as sha,
            known.sha is not null as is_known
        from named
        left join lateral commit_named(named.name, case
            when named.repository_url is not null then array[named.repository_url]
            when named.kind = 3 then service_repositories(version_of.service_id)
        end) as known on true
        where known.sha is not null or named.kind < 3
    )

    select
        coalesce(
            (version_of.event).digest,
            tagged_digest((version_of.event).tag_key, (version_of.event).happened_at)
        ),
        array(
            select chosen.repository_url || ' ' || chosen.sha
            from (
                select distinct on (found.repository_url) found.repository_url, found.sha
                from found
                order by
                    found.repository_url, found.kind, found.place, found.nearness,
                    not found.is_known, found.name_place
            ) as chosen
            order by chosen.repository_url
        ),
        array(
            select origin.repository_url
            from (
                select resolved_repository((version_of.event).repository_url) as repository_url
                union
                select found.repository_url from found where found.kind = 2
            ) as origin
            where origin.repository_url <> ''
            order by origin.repository_url
        )
$$;

comment on function version_of is
'The version of a service event: its digest, its commits and its repositories.';
