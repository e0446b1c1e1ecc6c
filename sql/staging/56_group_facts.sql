-- What is known of the services of each group, of all time (definitions 19 and 20): one row per
-- group. A group's services are those that the filters of services leave; an environment's, those
-- that were ever deployed there. timezone: of days, by its name at IANA; the rest: 50_asked.sql
create or replace function group_facts(
    services text[], environments text[], tiers text[], group_by text, teams jsonb, timezone text
)
returns table (
    group_name text, covered_from timestamptz, covered_to timestamptz, is_deployed boolean,
    has_incidents boolean, has_rollbacks boolean, has_unplanned boolean
)
language plpgsql stable
-- One plan serves all questions, and planning it takes longer than it does.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
    return query
    with places as materialized (
        select place.* from asked_places(
            group_facts.services, group_facts.environments, group_facts.tiers,
            group_facts.group_by, group_facts.teams
        ) as place
    ),

    named as materialized (
        select known.service_id, known.named_at, known.team from known_services as known
    ),

    members as materialized (
        select places.group_name, places.service_id from places
        union
        select
            asked_group(group_facts.group_by, named.service_id, null, group_facts.teams),
            named.service_id
        from named
        where
            coalesce(group_facts.group_by, '') not in ('environment', 'place')
            and (
                group_facts.services is null
                or named.service_id = any(group_facts.services)
            )
    ),

    -- Of the members, and of the other services of their teams.
    evident as materialized (
        select known.*, named.team
        from service_evidence(array(
            select members.service_id from members
            union
            select mate.service_id
            from members
            inner join named using (service_id)
            inner join named as mate on named.team = mate.team
        )) as known
        left join named using (service_id)
    ),

    evident_teams as materialized (
        select distinct evident.team from evident where evident.has_incidents
    ),

    -- For a service without a team any incident is, but those of the demo (`make run`): it connects
    -- no source of anybody's own.
    anybodys as (
        select exists(
            select from incidents as incident
            where not exists (
                select from named
                where named.service_id = incident.service_id and named.team like 'demo-%'
            )
        ) as has_incidents
    ),

    evidence as (
        select
            members.group_name,
            min(named.named_at) as named_at,
            bool_or(
                case
                    when evident.team is null
                        then evident.has_incidents
                            or (select anybodys.has_incidents from anybodys)
                    else evident.team in (select evident_teams.team from evident_teams)
                end
            ) as has_incidents,
            bool_or(evident.has_rollbacks) as has_rollbacks,
            bool_or(evident.has_unplanned) as has_unplanned
        from members
        inner join evident using (service_id)
        left join named using (service_id)
        group by members.group_name
    ),

    deployed as (
        select
            places.group_name,
            true as is_known,
            case
                when bool_and(target.removed_at is not null) filter (where target.run_id is not null)
                    then max(target.removed_at) filter (where target.run_id is not null)
            end as removed_at
        from places
        left join timeline_targets as target using (service_id, environment_id)
        group by places.group_name
    )

    select
        evidence.group_name,
        date_trunc('day', evidence.named_at, group_facts.timezone),
        deployed.removed_at,
        deployed.is_known is not null,
        evidence.has_incidents,
        evidence.has_rollbacks,
        evidence.has_unplanned
    from evidence
    left join deployed
        -- As "is not distinct from", which compares each with each.
        on
            (evidence.group_name is null) = (deployed.group_name is null)
            and coalesce(evidence.group_name, '') = coalesce(deployed.group_name, '');
end
$$;

comment on function group_facts is
'What is known of the services of each group, of all time: one row per group.';
