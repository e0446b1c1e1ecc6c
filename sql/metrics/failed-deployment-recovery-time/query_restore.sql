-- Time to restore: the median from detection to resolution of incidents; one row per group.
-- :from inclusive, :to exclusive; :bucket day, week, month, year or all; :services, :environments
-- text[], or null for all; :group_by service, environment, team, or null for one group; :teams
-- text, JSON object of the teams by service
with detected as (
    select
        case :group_by::text
            when 'service' then service_id
            when 'environment' then environment_id
            when 'team' then :teams::jsonb ->> service_id
        end as group_name,
        seconds_between(detected_at, resolved_at) as restore_seconds
    from incidents
    where
        detected_at >= :from::timestamptz
        and detected_at < :to::timestamptz
        and (:services::text[] is null or service_id = any(:services::text[]))
        and (:environments::text[] is null or environment_id = any(:environments::text[]))
)

select
    group_name,
    percentile_cont(0.5) within group (order by restore_seconds) as time_to_restore,
    count(*) - count(restore_seconds) as open_incidents
from detected
where :bucket::text is not null
group by group_name;
