-- What qualifies a whole answer: one row, with how many deployments it leaves out because the tier
-- of their environments is unknown, where they are, and whether a changed catalog is not applied
-- yet.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
select
    count(deployed.deploy_id) as deployments,
    coalesce(
        array_agg(distinct place.environment_id order by place.environment_id)
        filter (where deployed.deploy_id is not null), '{}'
    ) as environments,
    (select version > applied_version from catalog_state) as is_rebuilding
from deployed_environments as place
left join deployments as deployed
    on
        place.service_id = deployed.deploy_name
        and place.environment_id = deployed.environment_id
        and deployed.time_created >= :from::timestamptz
        and deployed.time_created < :to::timestamptz
where
    :tiers::text[] is not null
    and place.tier is null
    and (:services::text[] is null or place.service_id = any(:services::text[]))
    and (:environments::text[] is null or place.environment_id = any(:environments::text[]));
