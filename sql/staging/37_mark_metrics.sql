-- Let what counts failures look again at a deployment, and at those that it took back.
create or replace function mark_failures(deploy_source text, deploy_id text) returns void
language plpgsql as $$
begin
    perform mark_stale(
        array_agg(blamed.deploy_source), array_agg(blamed.deploy_id),
        '{change-failure-rate, failed-deployment-recovery-time}'
    )
    from (
        select mark_failures.deploy_source, mark_failures.deploy_id
        union
        select rollout.takes_back_source, rollout.takes_back_id
        from timeline as rollout
        where
            rollout.deploy_source = mark_failures.deploy_source
            and rollout.deploy_id = mark_failures.deploy_id
    ) as blamed
    where blamed.deploy_id is not null
    having count(*) > 0;
end
$$;

-- Let the rework rate look again at the deployments of a service and environment in a span of time,
-- both ends included.
create or replace function mark_reworks(
    service_id text, environment_id text, since timestamptz, until timestamptz
) returns void
language plpgsql as $$
begin
    perform mark_stale(
        array_agg(deployment.deploy_source), array_agg(deployment.deploy_id),
        '{deployment-rework-rate}'
    )
    from timeline_deployments as deployment
    where
        deployment.service_id = mark_reworks.service_id
        and deployment.environment_id = mark_reworks.environment_id
        and deployment.deployed_at between since and until
    having count(*) > 0;
end
$$;
