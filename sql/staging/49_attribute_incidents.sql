-- The incidents of which events are applied, and those of their alerts: between which moments, and
-- whether they name a deployment that no event before them names.
create or replace function applied_incidents(sources text[], ids text[])
returns table (
    incident_source text, incident_id text, since timestamptz, until timestamptz,
    names_more boolean
)
language sql stable as $$
    with reported as materialized (
        select
            event.cd_source, event.incident_id, event.happened_at, event.alert,
            exists (
                select from named_deployments as named
                where
                    (named.cd_source, named.cd_id) = (event.cd_source, event.cd_id)
                    and not exists (
                        select from named_deployments as other
                        inner join incident_events as earlier using (cd_source, cd_id)
                        where
                            other.deployment_id = named.deployment_id
                            and other.cd_source = event.cd_source
                            and other.incident_id = event.incident_id
                            and (other.place > 0, earlier.happened_at, earlier.cd_id)
                            < (named.place > 0, event.happened_at, event.cd_id)
                    )
            ) as names_more
        from unnest(applied_incidents.sources, applied_incidents.ids) as given (cd_source, cd_id)
        cross join lateral (
            select known.* from incident_events as known
            where (known.cd_source, known.cd_id) = (given.cd_source, given.cd_id)
            offset 0
        ) as event
        union all
        -- What an event said before an earlier report took its place.
        select
            replaced.cd_source, replaced.cd_subject_id, moment.happened_at,
            replaced.content #>> '{customData,dora,alert}', true
        from replaced_reports(applied_incidents.sources, applied_incidents.ids) as replaced
        inner join cdevents_raw as event using (cd_source, cd_id)
        cross join
            lateral (
                values (replaced.cd_timestamp), (event.cd_timestamp)
            ) as moment (happened_at)
        where replaced.cd_subject = 'incident'
    )

    select
        named.cd_source, named.incident_id, min(named.happened_at), max(named.happened_at),
        bool_or(named.names_more)
    from (
        select reported.cd_source, reported.incident_id, reported.happened_at, reported.names_more
        from reported
        union all
        select reported.cd_source, other.incident_id, reported.happened_at, false
        from reported
        cross join lateral incidents_of_alert(
            reported.cd_source, reported.alert, reported.happened_at
        )
            as other (incident_id)
        where reported.alert is not null
    ) as named
    group by named.cd_source, named.incident_id
$$;

-- Part of applying events: bring incidents, their openings and the deployments that they belong to
-- up to date, and what persons correct; mark the deployments stale for which that changes anything.
-- All deployments in `changed` are marked stale already.
-- sources, ids: the events of the log that are applied; changed: the deployments that they changed,
-- as they were and as they are; changed_rollouts: cd_id of the rollouts that may be part of another
-- deployment, or take another one back.
create or replace function attribute_incidents(
    sources text[], ids text[], changed changed_deployment[], changed_rollouts text[]
) returns void
language plpgsql as $$
declare
    services constant text[] := renew_deployed_environments(changed)
    || corrected_services(sources, ids);
    environments constant text[] := renew_attributed_tiers(sources, ids);
begin
    perform
        renew_incident(
            applied.incident_source, applied.incident_id, applied.since, applied.until,
            applied.names_more
        )
    from applied_incidents(sources, ids) as applied;
    perform renew_corrections(sources, ids, changed_rollouts);

    perform attribute_incident(affected.incident_source, affected.incident_id)
    from affected_incidents(changed, changed_rollouts || ids, services, environments) as affected;

    -- An incident's openings make rework of what came after the deployment that it belongs to.
    perform place_openings(belonging.incident_source, belonging.incident_id)
    from moved_deployments(changed) as deployment
    inner join incident_deployments as belonging using (deploy_source, deploy_id)
    group by belonging.incident_source, belonging.incident_id
    having count(*) > 1;
end
$$;

comment on function attribute_incidents is
'Bring incidents and corrections up to date with events that are applied.';
