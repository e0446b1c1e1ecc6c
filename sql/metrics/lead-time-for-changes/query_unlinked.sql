-- How many deployments name no known change, and how many there were: one row per group.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with deployed as (
    select
        asked_group(:group_by::text, service_id, environment_id, :teams::jsonb) as group_name,
        sha
    from deployed_changes
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and is_asked(
            service_id, environment_id, :services::text[], :environments::text[], :exceptions::jsonb
        )
)

select
    group_name,
    count(*) filter (where sha is null) as unlinked,
    count(*) as deployments_count
from deployed
group by group_name;
