-- The latest deployment, by time, of a service in some environments that had started at a moment at
-- the latest, and a rollout of which was no longer before it than the incident window; or no row.
create or replace function latest_deployment(
    service_id text, environment_ids text[], moment timestamptz
)
returns table (deploy_source text, deploy_id text)
language sql stable as $$
    with recent as (
        select latest_deployment.moment - setting.incident_window as since
        from metric_settings as setting
    ),

    -- One that was done within the window has such a rollout; found without looking at any other.
    young as (
        select found.*
        from recent
        cross join unnest(latest_deployment.environment_ids) as place (environment_id)
        cross join lateral (
            select deployment.* from timeline_deployments as deployment
            where
                deployment.service_id = latest_deployment.service_id
                and deployment.environment_id = place.environment_id
                and deployment.deployed_at >= recent.since
                and deployment.started_at <= latest_deployment.moment
            order by
                deployment.deployed_at desc, deployment.revision desc,
                deployment.deploy_source desc, deployment.deploy_id desc
            limit 1
        ) as found
    ),

    -- One that was done before it, and reached another target within it.
    old as (
        select deployment.*
        from recent
        cross join unnest(latest_deployment.environment_ids) as place (environment_id)
        cross join lateral (
            select known.deploy_source, known.deploy_id from timeline as known
            where
                known.service_id = latest_deployment.service_id
                and known.environment_id = place.environment_id
                and known.happened_at >= recent.since
                and known.started_at <= latest_deployment.moment
            -- Keeps it a look-up.
            offset 0
        ) as rollout
        inner join timeline_deployments as deployment using (deploy_source, deploy_id)
        where not exists (select from young) and deployment.started_at <= latest_deployment.moment
    )

    select found.deploy_source, found.deploy_id
    from (select * from young union all select * from old) as found
    order by
        found.deployed_at desc, found.revision desc, found.deploy_source desc, found.deploy_id desc
    limit 1
$$;
