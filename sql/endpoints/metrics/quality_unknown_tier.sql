-- Deployments to environments of which nobody says the tier, so that no question about production
-- counts them: one row per service and environment.
-- :from inclusive, :to exclusive; :services text[], or null for all; :most integer, rows
select
    place.service_id as service,
    null as source,
    place.environment_id as environment,
    deployed.deployments as count,
    count(*) over () as total
from deployed_environments as place
cross join
    lateral (
        select count(*) as deployments from deployments as deployment
        where
            deployment.deploy_name = place.service_id
            and deployment.environment_id = place.environment_id
            and deployment.time_created >= :from::timestamptz
            and deployment.time_created < :to::timestamptz
    ) as deployed
where
    place.tier is null
    and deployed.deployments > 0
    and (:services::text[] is null or place.service_id = any(:services::text[]))
order by deployed.deployments desc, place.service_id asc, place.environment_id asc
limit :most::integer;
