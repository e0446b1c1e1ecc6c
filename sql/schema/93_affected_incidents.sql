-- Which incidents may belong to another deployment, after deployments and rollouts changed: those
-- that name one of them or what it deployed, and those of its service that were detected while it
-- may have been the latest.
-- changed, changed_rollouts: see attribute_incidents
create or replace function affected_incidents(
    changed changed_deployment[], changed_rollouts text[]
)
returns table (incident_source text, incident_id text)
language sql stable as $$
    with moved as materialized (
        select deployment.* from moved_deployments(affected_incidents.changed) as deployment
    ),

    spans as (
        select rollout.service_id, rollout.started_at as since, rollout.happened_at as until
        from timeline as rollout
        where rollout.cd_id = any(affected_incidents.changed_rollouts)
        union
        select moved.service_id, moved.started_at, moved.completed_at from moved
    )

    select named.cd_source, named.incident_id
    from named_deployments as named
    where named.deployment_id = any(affected_incidents.changed_rollouts)
    union
    select incident.incident_source, incident.incident_id
    from spans
    cross join metric_settings as setting
    inner join incidents as incident
        on
            spans.service_id = incident.service_id
            and spans.since <= incident.detected_at
            and spans.until + setting.incident_window >= incident.detected_at
    union
    select incident.incident_source, incident.incident_id
    from moved
    inner join incidents as incident
        on moved.digest = incident.digest and moved.started_at < incident.detected_at
    union
    select incident.incident_source, incident.incident_id
    from moved
    inner join incidents as incident
        on moved.tag_key = incident.tag_key and moved.started_at < incident.detected_at
    union
    select incident.incident_source, incident.incident_id
    from moved
    inner join incidents as incident
        on moved.artifact = incident.artifact and moved.started_at < incident.detected_at
$$;
