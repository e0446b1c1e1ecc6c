-- Deployment frequency: one row per group, and one per group and bucket that has deployments.
-- :from inclusive, :to exclusive; :bucket day, week, month, year or all; :services, :environments
-- text[], or null for all; :group_by service, environment, team, or null for one group; :teams
-- text, JSON object of the teams by service
with deployed as (
    select
        case :group_by::text
            when 'service' then service_id
            when 'environment' then environment_id
            when 'team' then :teams::jsonb ->> service_id
        end as group_name,
        case
            when :bucket::text <> 'all'
                then date_trunc(nullif(:bucket::text, 'all'), deployed_at, 'UTC')
        end as bucket_at,
        deploy_id
    from (
        select *, deploy_name as service_id, time_created as deployed_at from deployments
    ) as deployment
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and (:services::text[] is null or service_id = any(:services::text[]))
        and (:environments::text[] is null or environment_id = any(:environments::text[]))
)

select
    group_name,
    grouping(bucket_at) = 1 as is_total,
    bucket_at,
    count(*) as count
from deployed
group by grouping sets ((group_name), (group_name, bucket_at))
order by group_name, bucket_at;
