-- What is known of the failures of services, of all time and everywhere: one row per given service.
-- An incident or a deployment that a correction took out is still evidence.
create or replace function service_evidence(service_ids text[])
returns table (
    service_id text, has_incidents boolean, has_rollbacks boolean, has_unplanned boolean
)
language sql stable as $$
    select
        asked.service_id,
        exists (
            select from incidents as incident where incident.service_id = asked.service_id
        )
        or exists (
            select from incident_openings as opening where opening.service_id = asked.service_id
        ),
        exists (
            select from timeline_deployments as deployment
            where deployment.service_id = asked.service_id and deployment.is_rollback
        ),
        exists (
            select from deployment_reworks as deployment
            where deployment.service_id = asked.service_id and deployment.is_unplanned
        )
        -- Found once for all services, as few as they are.
        or asked.service_id in (
            select deployment.service_id from corrections as correction
            inner join timeline_deployments as deployment
                on
                    correction.source = deployment.deploy_source
                    and correction.id = deployment.deploy_id
            where
                correction.kind = 'deployment'
                and not correction.counts
                and coalesce(correction.unplanned, deployment.is_unplanned)
        )
    from unnest(service_evidence.service_ids) as asked (service_id)
$$;

comment on function service_evidence is
'What is known of the failures of services, of all time: one row each.';
