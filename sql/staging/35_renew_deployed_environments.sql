-- Bring deployed_environments up to date after deployments changed; the services of which something
-- changed in it.
create or replace function renew_deployed_environments(changed changed_deployment[])
returns text[]
language plpgsql as $$
declare
    services text[];
begin
    with places as materialized (
        select distinct
            each.service_id, each.environment_id,
            exists (
                select from timeline_deployments as deployment
                where
                    deployment.service_id = each.service_id
                    and deployment.environment_id = each.environment_id
            ) as is_deployed
        from unnest(changed) as each
    ),

    begun as (
        insert into deployed_environments
        select
            places.service_id, places.environment_id,
            service_environment_tier(places.service_id, places.environment_id)
        from places
        where places.is_deployed
        on conflict do nothing
        returning service_id
    ),

    ended as (
        delete from deployed_environments as known using places
        where
            not places.is_deployed
            and known.service_id = places.service_id
            and known.environment_id = places.environment_id
        returning known.service_id
    )

    select array_agg(found.service_id) into services
    from (select begun.service_id from begun union select ended.service_id from ended) as found;
    return services;
end
$$;

-- Bring attributed_tiers up to date after events that report the tier of an environment; the
-- environments whose tier is another.
create or replace function renew_attributed_tiers(sources text[], ids text[]) returns text[]
language plpgsql as $$
declare
    environments text[];
begin
    with renewed as (
        insert into attributed_tiers as known
        select distinct
            resolved_environment(event.environment_id),
            environment_tier(resolved_environment(event.environment_id))
        from (
            select known.environment_id, known.content
            from unnest(sources, ids) as given (cd_source, cd_id)
            inner join cdevents_raw as known using (cd_source, cd_id)
            union all
            -- What was replaced may have been the last to report it.
            select replaced.environment_id, replaced.content
            from replaced_reports(sources, ids) as replaced
        ) as event
        where
            event.environment_id is not null
            and event.content #>> '{customData,dora,tier}' is not null
        on conflict (environment_id) do update set tier = excluded.tier
        where known.tier is distinct from excluded.tier
        returning environment_id
    )

    select array_agg(renewed.environment_id) into environments from renewed;
    update deployed_environments as known
    set tier = service_environment_tier(known.service_id, known.environment_id)
    where known.environment_id = any(environments);
    return environments;
end
$$;
