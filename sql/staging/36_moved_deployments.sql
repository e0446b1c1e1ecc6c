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
                each.service_id, each.environment_id, each.deployed_at, each.started_at,
                each.artifact, each.digest, each.tag_key
            )) > 1
    ) as moved using (deploy_source, deploy_id)
$$;
