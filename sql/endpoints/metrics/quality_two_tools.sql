-- Services whose deployments two sources report, so that one rollout counts twice: one row per
-- service and environment, with how many deployments another source's follows within 30 minutes.
-- :from inclusive, :to exclusive; :services text[], or null for all; :most integer, rows
with shared as materialized (
    select target.service_id, target.environment_id
    from timeline_targets as target
    where
        target.run_source is not null
        and (:services::text[] is null or target.service_id = any(:services::text[]))
    group by target.service_id, target.environment_id
    having min(target.run_source) <> max(target.run_source)
)

select
    shared.service_id as service,
    (array_agg(deployment.deploy_source order by deployment.deployed_at desc))[1] as source,
    (array_agg(following.deploy_source order by deployment.deployed_at desc))[1] as other_source,
    shared.environment_id as environment,
    count(*) as count,
    count(*) over () as total
from shared
inner join timeline_deployments as deployment using (service_id, environment_id)
cross join
    lateral (
        select other.deploy_source, other.deployed_at from timeline_deployments as other
        where
            other.service_id = deployment.service_id
            and other.environment_id = deployment.environment_id
            and (other.deployed_at, other.revision, other.deploy_source, other.deploy_id)
            > (
                deployment.deployed_at, deployment.revision, deployment.deploy_source,
                deployment.deploy_id
            )
        order by other.deployed_at, other.revision, other.deploy_source, other.deploy_id
        limit 1
    ) as following
where
    deployment.deployed_at >= :from::timestamptz
    and deployment.deployed_at < :to::timestamptz
    and following.deploy_source <> deployment.deploy_source
    and following.deployed_at < deployment.deployed_at + interval '30 minutes'
group by shared.service_id, shared.environment_id
order by count(*) desc, shared.service_id, shared.environment_id asc
limit :most::integer;
