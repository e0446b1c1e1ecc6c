-- The incidents that count for a deployment, or belong to it: one row per incident, the earliest
-- first.
-- :source, :id text, of the deployment
select
    incident.incident_source as source,
    incident.incident_id as id,
    incident.detected_at,
    incident.resolved_at,
    incident.description,
    incident.why,
    incident.counts
from (
    select belonging.incident_source, belonging.incident_id
    from incident_deployments as belonging
    where (belonging.deploy_source, belonging.deploy_id) = (:source::text, :id::text)
    union
    select counted.incident ->> 'source', counted.incident ->> 'id'
    from deployment_failures as failure
    cross join jsonb_array_elements(coalesce(failure.incidents, '[]')) as counted (incident)
    where (failure.deploy_source, failure.deploy_id) = (:source::text, :id::text)
) as blamed
inner join placed_incidents as incident using (incident_source, incident_id)
order by incident.detected_at, incident.incident_source, incident.incident_id;
