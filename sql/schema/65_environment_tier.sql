-- The tier of an environment, by its name in the catalog: the catalog's, else what a tool said last
-- of one of its names, else that of its name; null where it is not known.
create or replace function environment_tier(environment_id text) returns text
language sql stable as $$
    select coalesce(
        (
            select known.tier from catalog_tiers as known
            where known.environment_id = environment_tier.environment_id
        ),
        (
            select named.tier
            from named_environments as named
            where
                named.tier is not null
                and named.environment_name in (
                    select environment_tier.environment_id
                    union all
                    select known.environment_name from catalog_environments as known
                    where known.environment_id = environment_tier.environment_id
                )
                and resolved_environment(named.environment_name) = environment_tier.environment_id
            order by named.tier_named_at desc, named.tier_named_by desc
            limit 1
        ),
        named_tier(environment_tier.environment_id)
    )
$$;

comment on function environment_tier is
'The tier of an environment: of the catalog, else of its tools, else by its name.';

-- The tier of an environment for a service: where the catalog says which environments are the
-- service's production, no other one is by its tool or its name.
create or replace function service_environment_tier(service_id text, environment_id text)
returns text
language sql stable as $$
    select case
        when exists (
            select from catalog_tiers as known
            where known.environment_id = service_environment_tier.environment_id
        ) or not exists (
            select from catalog_production as own
            where own.service_id = service_environment_tier.service_id
        )
            then environment_tier(service_environment_tier.environment_id)
        when exists (
            select from catalog_production as own
            where
                own.service_id = service_environment_tier.service_id
                and own.environment_id = service_environment_tier.environment_id
        )
            then 'production'
        else nullif(environment_tier(service_environment_tier.environment_id), 'production')
    end
$$;

comment on function service_environment_tier is
'The tier of an environment for a service, which may have its own production.';
