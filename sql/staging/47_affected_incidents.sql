-- Those of changed deployments of which more changed than when they reached their last target.
create or replace function moved_deployments(changed changed_deployment[])
returns setof changed_deployment
language sql immutable as $$
    select deployment.*
    from unnest(moved_deployments.changed) as deployment
    inner join (
        select each.deploy_source, each.deploy_id
        from unnest(moved_deployments.changed) as each
        group by each.deploy_source, each.deploy_id
        having
            count(*) = 1
            or count(distinct (
                each.service_id, each.environment_id, each.deployed_at, each.revision,
                each.started_at, each.artifact, each.digest, each.tag_key
            )) > 1
    ) as moved using (deploy_source, deploy_id)
$$;

-- Which incidents may belong to another deployment, after deployments and rollouts changed: those
-- that name one of them or what it deployed, and those of its service that were detected while it
-- may have been the latest; all of given services and environments. Each is found by an index; the
-- `offset 0` keeps it a look-up.
-- changed, changed_rollouts: see attribute_incidents
create or replace function affected_incidents(
    changed changed_deployment[], changed_rollouts text[], services text[], environments text[]
)
returns table (incident_source text, incident_id text)
language sql stable as $$
    with moved as materialized (
        select deployment.* from moved_deployments(affected_incidents.changed) as deployment
    ),

    spans as (
        select rollout.service_id, rollout.started_at as since, rollout.happened_at as until
        from unnest(affected_incidents.changed_rollouts) as given (cd_id)
        cross join lateral (
            select known.service_id, known.started_at, known.happened_at from timeline as known
            where known.cd_id = given.cd_id
            offset 0
        ) as rollout
        union
        select moved.service_id, moved.started_at, moved.completed_at from moved
    )

    select named.cd_source, named.incident_id
    from unnest(affected_incidents.changed_rollouts) as given (cd_id)
    cross join lateral (
        select known.cd_source, known.incident_id from named_deployments as known
        where known.deployment_id = given.cd_id
        offset 0
    ) as named
    union
    select latest.incident_source, latest.incident_id
    from spans
    cross join metric_settings as setting
    cross join lateral (
        select incident.incident_source, incident.incident_id from incidents as incident
        where
            incident.service_id = spans.service_id
            and incident.detected_at >= spans.since
            and incident.detected_at <= spans.until + setting.incident_window
        offset 0
    ) as latest
    union
    select naming.incident_source, naming.incident_id
    from moved
    cross join lateral (
        (
            select incident.incident_source, incident.incident_id from incidents as incident
            where incident.digest = moved.digest and incident.detected_at > moved.started_at
            offset 0
        )
        union all
        (
            select incident.incident_source, incident.incident_id from incidents as incident
            where incident.tag_key = moved.tag_key and incident.detected_at > moved.started_at
            offset 0
        )
        union all
        (
            select incident.incident_source, incident.incident_id from incidents as incident
            where incident.artifact = moved.artifact and incident.detected_at > moved.started_at
            offset 0
        )
    ) as naming
    union
    select placed.incident_source, placed.incident_id
    from (
        select unnest(affected_incidents.services) as service_id
        union
        select deployed.service_id
        from unnest(affected_incidents.environments) as given (environment_id)
        inner join deployed_environments as deployed using (environment_id)
    ) as service
    cross join lateral (
        select incident.incident_source, incident.incident_id from incidents as incident
        where incident.service_id = service.service_id
        offset 0
    ) as placed
    union
    select placed.incident_source, placed.incident_id
    from unnest(affected_incidents.environments) as given (environment_id)
    cross join lateral (
        select incident.incident_source, incident.incident_id from incidents as incident
        where incident.environment_id = given.environment_id
        offset 0
    ) as placed
$$;

comment on function affected_incidents is
'The incidents that may belong to another deployment after a change.';
