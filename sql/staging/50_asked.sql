-- What the statements that answer questions share: the places asked about, and their groups.
--   services, environments, tiers  text[], null for all
--   group_by                       service, environment, team, place (service and environment), or
--                                  null for one group
--   teams                          JSON object of the teams by service
--   bucket_starts                  when each bucket begins; width_bucket numbers them from 1
-- PostgreSQL puts each expression in the place of its call, so that a filter that is null costs
-- nothing and the others find rows by indexes.

-- The bucket that a time is in; null where there is one alone, so that nothing is grouped by it.
create or replace function asked_bucket(at timestamptz, bucket_starts timestamptz[])
returns integer
language sql immutable as $$
    select case
        when cardinality(asked_bucket.bucket_starts) > 1
            then width_bucket(asked_bucket.at, asked_bucket.bucket_starts)
    end
$$;

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

-- The same places by group, as lists, so that the rows of each place are found by an index: no row
-- has to be compared with all places, nor sorted by the name of its group. One row per group.
-- is_alone: whether each change that deployments there shipped counts: no other place of the
-- service is in the group, and no person says that one of its deployments does not count.
create or replace function asked_groups(
    services text[], environments text[], tiers text[], group_by text, teams jsonb
)
returns table (
    group_name text, service_ids text[], environment_ids text[], is_alone boolean[]
)
language plpgsql stable rows 10
-- One plan serves all questions, and planning it takes longer than it does.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
    return query
    select
        place.group_name,
        array_agg(place.service_id),
        array_agg(place.environment_id),
        array_agg(place.is_alone)
    from (
        select
            known.group_name,
            known.service_id,
            known.environment_id,
            count(*) over (partition by known.group_name, known.service_id) = 1
            and known.service_id not in (
                select deployment.service_id
                from uncounted_deployments() as uncounted
                inner join timeline_deployments as deployment using (deploy_source, deploy_id)
            ) as is_alone
        from asked_places(
            asked_groups.services, asked_groups.environments, asked_groups.tiers,
            asked_groups.group_by, asked_groups.teams
        ) as known
    ) as place
    group by place.group_name;
end
$$;

comment on function asked_groups is
'The services and environments that a question is about, as lists by group: one row each.';
