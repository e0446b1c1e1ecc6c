-- Time to restore: the median from detection to resolution of incidents; one row per group.
-- :from inclusive, :to exclusive, of the detection; the other parameters: sql/staging/50_asked.sql
with detected as (
    select
        asked_group(
            :group_by::text, service_id, environment_id, :teams::jsonb
        ) as group_name,
        seconds_between(detected_at, resolved_at) as restore_seconds
    from
        counted_incidents(
            :from::timestamptz, :to::timestamptz, :services::text[], :environments::text[],
            :tiers::text[]
        )
)

select
    group_name,
    percentile_cont(0.5) within group (order by restore_seconds) as time_to_restore,
    count(*) - count(restore_seconds) as open_incidents
from detected
group by group_name;
