-- What the statements that answer questions share: the places asked about, and their groups.
--   services, environments, tiers  text[], null for all
--   group_by                       service, environment, team, place (service and environment), or
--                                  null for one group
--   teams                          JSON object of the teams by service
--   bucket_starts                  when each bucket begins; width_bucket numbers them from 1
-- PostgreSQL puts each expression in the place of its call, so that a filter that is null costs
-- nothing and the others find rows by indexes.

-- The name of the group that a service and environment are in.
create or replace function asked_group(
    group_by text, service_id text, environment_id text, teams jsonb
)
returns text
language sql immutable as $$
    select case group_by
        when 'service' then service_id
        when 'environment' then environment_id
        when 'team' then teams ->> service_id
        -- So that one can be parted from the other, whatever their names.
        when 'place' then length(service_id)::text || ' ' || service_id || environment_id
    end
$$;

-- The places that are asked about, and the group of each: one row per service and environment to
-- which it was ever deployed.
create or replace function asked_places(
    services text[], environments text[], tiers text[], group_by text, teams jsonb
)
returns table (service_id text, environment_id text, group_name text)
language sql stable as $$
    select
        place.service_id,
        place.environment_id,
        asked_group(
            asked_places.group_by, place.service_id, place.environment_id, asked_places.teams
        )
    from deployed_environments as place
    where
        (asked_places.services is null or place.service_id = any(asked_places.services))
        and (
            asked_places.environments is null
            or place.environment_id = any(asked_places.environments)
        )
        and (asked_places.tiers is null or place.tier = any(asked_places.tiers))
$$;

comment on function asked_places is
'The services and environments that a question is about, each with its group.';
