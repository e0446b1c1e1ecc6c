-- Incidents with the deployment that they belong to, and where they are asked about: there, or
-- with their service, whatever the environment, where they belong to none. One row per incident.
create or replace view placed_incidents as
select
    incident.*,
    belonging.deploy_source,
    belonging.deploy_id,
    belonging.why,
    coalesce(deployment.service_id, incident.service_id) as asked_service_id,
    deployment.environment_id as asked_environment_id
from incidents as incident
inner join incident_deployments as belonging using (incident_source, incident_id)
left join timeline_deployments as deployment using (deploy_source, deploy_id);

comment on view placed_incidents is
'Incidents with the deployment that they belong to, and where they are asked about: one row each.';

alter view placed_incidents owner to dora_owner;
grant select on placed_incidents to dora_metrics, dora_reader;

-- A correction as lists show it; null where there is none.
create or replace function shown_correction(correction corrections) returns jsonb
language sql immutable as $$
    select jsonb_build_object(
        'counts', correction.counts,
        'failed', correction.failed,
        'unplanned', correction.unplanned,
        'commit', correction.commit_name,
        'repository', correction.repository_url,
        'service', correction.service_name,
        'by', correction.corrected_by,
        'because', correction.because,
        'at', (to_jsonb(correction.corrected_at at time zone 'UTC') #>> '{}') || 'Z'
    )
    where correction.kind is not null
$$;
