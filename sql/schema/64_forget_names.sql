-- The latest that has a team or a tier, where that one was replaced.
create index if not exists cdevents_raw_team on cdevents_raw (service_id, cd_timestamp)
where content #>> '{customData,dora,team}' is not null;
create index if not exists cdevents_raw_tier on cdevents_raw (environment_id, cd_timestamp)
where content #>> '{customData,dora,tier}' is not null;

-- When a service of a source is first named so.
-- service_names: all that its tool calls it; or null. environment_name: empty for none.
create or replace function first_naming(
    service_name text, service_names text[], source text, environment_name text
) returns timestamptz
language sql stable as $$
    select least(
        (
            select event.happened_at from service_events as event
            where
                event.service_name = first_naming.service_name
                and event.service_names is not distinct from first_naming.service_names
                and event.cd_source = first_naming.source
                and case when event.assumed_environment then '' else event.environment_name end
                = first_naming.environment_name
            order by event.happened_at
            limit 1
        ),
        (
            select min(event.happened_at) from incident_events as event
            where
                event.cd_source = first_naming.source
                and event.service_name is not distinct from first_naming.service_name
                and event.service_names is not distinct from first_naming.service_names
                and case
                    when event.assumed_environment then ''
                    else coalesce(event.environment_name, '')
                end = first_naming.environment_name
        )
    )
$$;

-- Forget which service and environment an event that was replaced named, where no other one names
-- them; its team and its tier, where it was the latest to say so.
create or replace function forget_names(event cdevents_raw) returns void
language plpgsql as $$
declare
    environment text := named_environment(event);
    names text[] := names_of_service(event);
    gone named_services;
begin
    delete from named_services as known
    where
        known.service_name = coalesce(event.service_id, '')
        and names_digest(known.service_names) = names_digest(names)
        and known.cd_source = event.cd_source
        and known.environment_name = environment
        and (
            known.first_named_at = event.cd_timestamp
            or (known.team_named_at, known.team_named_by) = (event.cd_timestamp, event.cd_id)
        )
    returning * into gone;
    if found then
        insert into named_services
        select
            gone.service_name, gone.cd_source, gone.environment_name, first_named.happened_at,
            latest.team, latest.cd_timestamp, latest.cd_id, names
        from first_naming(
            event.service_id, nullif(names, '{}'), gone.cd_source, environment
        ) as first_named (happened_at)
        left join lateral (
            select
                other.content #>> '{customData,dora,team}' as team, other.cd_timestamp, other.cd_id
            from cdevents_raw as other
            where
                other.service_id is not distinct from event.service_id
                and other.content #>> '{customData,dora,team}' is not null
                and other.cd_source = gone.cd_source
                and named_environment(other) = environment
                and names_of_service(other) = names
            order by other.cd_timestamp desc, other.cd_id desc
            limit 1
        ) as latest on true
        where first_named.happened_at is not null;
    end if;

    update named_environments as known set (tier, tier_named_at, tier_named_by) = (
        select
            reported_tier(other), other.cd_timestamp, other.cd_source || ' ' || other.cd_id
        from cdevents_raw as other
        where
            other.environment_id = event.environment_id
            and other.content #>> '{customData,dora,tier}' is not null
            and reported_tier(other) is not null
        order by other.cd_timestamp desc, other.cd_source || ' ' || other.cd_id desc
        limit 1
    )
    where
        known.environment_name = event.environment_id
        and (known.tier_named_at, known.tier_named_by)
        = (event.cd_timestamp, event.cd_source || ' ' || event.cd_id);
end
$$;
