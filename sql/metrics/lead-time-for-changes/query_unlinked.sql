-- How many deployments name no known change, and how many there were: one row per group.
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
        sha
    from deployed_changes
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and (:services::text[] is null or service_id = any(:services::text[]))
        and (:environments::text[] is null or environment_id = any(:environments::text[]))
)

select
    group_name,
    count(*) filter (where sha is null) as unlinked,
    count(*) as deployments_count
from deployed
where :bucket::text is not null
group by group_name;
