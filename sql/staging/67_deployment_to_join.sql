-- Whether one of these versions was deployed to an environment of a service.
create or replace function was_deployed(service_id text, environment_id text, these uuid[])
returns boolean
language sql stable as $$
    select exists (
        select from timeline_deployments as known
        where
            known.service_id = was_deployed.service_id
            and known.environment_id = was_deployed.environment_id
            and known.version = any(was_deployed.these)
    )
$$;

-- The deployment that a rollout of a target joins (definition 9), given all that happened before
-- it; no row where it begins one.
-- versions: those that are the same as its own; last_source, last_id: the target's last rollout.
create or replace function deployment_to_join(
    service_id text, environment_id text, target text, versions uuid[], goes_back boolean,
    last_source text, last_id text
)
returns table (deploy_source text, deploy_id text)
language sql stable as $$
    with same as materialized (
        select
            known.deploy_source, known.deploy_id, known.deployed_at, known.revision,
            known.is_rollback
        from timeline_deployments as known
        where
            known.service_id = deployment_to_join.service_id
            and known.environment_id = deployment_to_join.environment_id
            and known.version = any(deployment_to_join.versions)
    ),

    -- What the target joined last; where it goes forward, of that version.
    joined as (
        (
            select known.deployed_at, known.revision, known.deploy_source, known.deploy_id
            from timeline as rollout
            inner join timeline_deployments as known using (deploy_source, deploy_id)
            where
                deployment_to_join.goes_back
                and rollout.cd_source = deployment_to_join.last_source
                and rollout.cd_id = deployment_to_join.last_id
        )
        union all
        (
            select same.deployed_at, same.revision, same.deploy_source, same.deploy_id
            from same
            inner join timeline as rollout using (deploy_source, deploy_id)
            where
                not deployment_to_join.goes_back
                and rollout.target = deployment_to_join.target
            order by
                rollout.happened_at desc, rollout.revision desc, rollout.cd_source desc,
                rollout.cd_id desc
            limit 1
        )
    )

    select same.deploy_source, same.deploy_id from same
    where
        same.is_rollback = deployment_to_join.goes_back
        and not exists (
            select from joined
            where
                (same.deployed_at, same.revision, same.deploy_source, same.deploy_id)
                <= (joined.deployed_at, joined.revision, joined.deploy_source, joined.deploy_id)
        )
    order by same.deployed_at, same.revision, same.deploy_source, same.deploy_id
    limit 1
$$;

comment on function deployment_to_join is
'The deployment that a rollout joins; no row where it begins one.';
