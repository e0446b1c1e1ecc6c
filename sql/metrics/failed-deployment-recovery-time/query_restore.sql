-- Time to restore: the median from detection to resolution of incidents; one row per group.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with detected as (
    select
        asked_group(:group_by::text, service_id, environment_id, :teams::jsonb) as group_name,
        seconds_between(detected_at, resolved_at) as restore_seconds
    from incidents
    where
        detected_at >= :from::timestamptz
        and detected_at < :to::timestamptz
        and is_asked(
            service_id, environment_id, :services::text[], :environments::text[], :exceptions::jsonb
        )
)

select
    group_name,
    percentile_cont(0.5) within group (order by restore_seconds) as time_to_restore,
    count(*) - count(restore_seconds) as open_incidents
from detected
group by group_name;
