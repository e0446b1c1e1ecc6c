-- Let the rows of the catalog's tables be those of the catalog that was loaded last.
create or replace function fill_catalog() returns void
language sql as $$
    delete from catalog_services;
    delete from catalog_aliases;
    delete from catalog_repositories;
    delete from catalog_production;
    delete from catalog_environments;
    delete from catalog_tiers;

    insert into catalog_services (service_id, team)
    select row.service_id, row.team
    from catalog_state
    cross join jsonb_populate_recordset(null::catalog_services, content -> 'services') as row;

    insert into catalog_aliases (name, tool, environment, service_id)
    select row.name, row.tool, row.environment, row.service_id
    from catalog_state
    cross join jsonb_populate_recordset(null::catalog_aliases, content -> 'aliases') as row;

    -- Of one repository that is named twice, all is the service's where one of the two says so. The
    -- order of patterns matters.
    insert into catalog_repositories (service_id, repository_url, paths)
    select
        named.service_id, named.url,
        case
            when bool_and(named.paths is not null)
                then array_agg(path.pattern order by named.place, path.place)
        end
    from (
        select row.service_id, canonical_repository(row.repository_url) as url, row.paths, place
        from catalog_state
        cross join jsonb_array_elements(content -> 'repositories') with ordinality
            as said (repository, place)
        cross join jsonb_populate_record(null::catalog_repositories, said.repository) as row
    ) as named
    left join lateral unnest(named.paths) with ordinality as path (pattern, place) on true
    group by named.service_id, named.url;

    insert into catalog_production (service_id, environment_id)
    select distinct row.service_id, row.environment_id
    from catalog_state
    cross join jsonb_populate_recordset(null::catalog_production, content -> 'production') as row;

    insert into catalog_environments (environment_name, environment_id)
    select row.environment_name, row.environment_id
    from catalog_state
    cross join jsonb_populate_recordset(
        null::catalog_environments, content -> 'environments'
    ) as row;

    insert into catalog_tiers (environment_id, tier)
    select row.environment_id, row.tier
    from catalog_state
    cross join jsonb_populate_recordset(null::catalog_tiers, content -> 'tiers') as row;
$$;

comment on function fill_catalog is
'Let the tables catalog_… have the rows of the catalog that was loaded last.';
