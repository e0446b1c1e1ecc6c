-- What dashboards read: what can be chosen, what was deployed, and which incidents there were.
-- starts inclusive, ends exclusive; the rest: 50_asked.sql

-- What is chosen of a kind, as questions have it: null for all, where a dashboard writes
-- array[null].
create or replace function dashboard_chosen(chosen text[])
returns text[]
language sql immutable as $$
    select nullif(dashboard_chosen.chosen, array[null]::text[])
$$;

-- The services that there are: one row each, with the team or '(none)'.
create or replace function dashboard_known_services()
returns table (service text, team text)
language sql stable as $$
    select known.service_id, coalesce(known.team, '(none)') from known_services as known
$$;

-- The same for who chooses from them.
create or replace view dashboard_services as
select known.service, known.team from dashboard_known_services() as known;

comment on view dashboard_services is
'Services with their team, for dashboards to choose from: one row each.';
alter view dashboard_services owner to dora_owner;
grant select on dashboard_services to dora_reader;

-- The services that are chosen, by themselves and by their teams; null for all.
create or replace function dashboard_chosen_services(teams text[], services text[])
returns text[]
language sql stable as $$
    select case
        when dashboard_chosen(dashboard_chosen_services.teams) is null
            then dashboard_chosen(dashboard_chosen_services.services)
        else array(
            select known.service from dashboard_services as known
            where
                known.team = any(dashboard_chosen_services.teams)
                and coalesce(
                    known.service = any(dashboard_chosen(dashboard_chosen_services.services)), true
                )
        )
    end
$$;

comment on function dashboard_chosen_services is
'The services that are chosen in a dashboard, by themselves and by their teams.';

-- The environments to which the services that are chosen are deployed: one row each.
create or replace function dashboard_environments(
    teams text[], services text[], tiers text[]
)
returns table (environment text)
language sql stable as $$
    select distinct place.environment_id
    from asked_places(
        dashboard_chosen_services(dashboard_environments.teams, dashboard_environments.services),
        null, dashboard_chosen(dashboard_environments.tiers), null, null
    ) as place
$$;

-- The deployments that count: one row each.
create or replace function dashboard_deployments(
    starts timestamptz, ends timestamptz, services text[], environments text[], tiers text[]
)
returns table (
    deployed_at timestamptz, service text, environment text, artifact text, outcome text,
    is_failed boolean, is_rollback boolean, is_rework boolean, recovered_at timestamptz,
    incidents text, source text, id text
)
language sql stable as $$
    select
        deployed.deployed_at,
        deployed.service_id,
        deployed.environment_id,
        deployment.artifact,
        case
            when deployed.is_rollback then 'rollback'
            when deployed.is_failed and recovery.recovered_at is null then 'failed, still open'
            when deployed.is_failed then 'failed, recovered'
            else 'not failed'
        end,
        deployed.is_failed,
        deployed.is_rollback,
        coalesce(rework.is_rework, false),
        recovery.recovered_at,
        (
            select string_agg(incident ->> 'id', ', ')
            from jsonb_array_elements(deployed.incidents) as incident
        ),
        deployed.deploy_source,
        deployed.deploy_id
    from asked_places(
        dashboard_deployments.services, dashboard_deployments.environments,
        dashboard_deployments.tiers, null, null
    )
    inner join deployment_failures as deployed using (service_id, environment_id)
    inner join timeline_deployments as deployment using (deploy_source, deploy_id)
    left join recoveries as recovery using (deploy_source, deploy_id)
    left join deployment_reworks as rework using (deploy_source, deploy_id)
    where
        deployed.deployed_at >= dashboard_deployments.starts
        and deployed.deployed_at < dashboard_deployments.ends
$$;

comment on function dashboard_deployments is
'The deployments that count, for dashboards: one row each.';

-- The incidents that count: one row each.
create or replace function dashboard_incidents(
    starts timestamptz, ends timestamptz, services text[], environments text[], tiers text[]
)
returns table (
    detected_at timestamptz, resolved_at timestamptz, service text, environment text,
    description text, deployment text, why text, source text, id text
)
language sql stable as $$
    select
        incident.detected_at,
        incident.resolved_at,
        incident.asked_service_id,
        coalesce(incident.asked_environment_id, incident.environment_id),
        coalesce(incident.description, incident.incident_id),
        incident.deploy_id,
        incident.why,
        incident.incident_source,
        incident.incident_id
    from asked_incidents(
        dashboard_incidents.starts, dashboard_incidents.ends, dashboard_incidents.services,
        dashboard_incidents.environments, dashboard_incidents.tiers
    ) as incident
    where incident.counts
$$;

comment on function dashboard_incidents is
'The incidents that count, for dashboards: one row each.';
