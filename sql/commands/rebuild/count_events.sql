-- One row: how many events of the log it has followed, and how many there are. Where what all
-- metrics share is copied, it is the part of the deployments whose rows are made.
-- :metric text, the first one that is made
with renewed as materialized (
    select
        1 - count(stale.stale_id) / greatest(
            (select count(*) from timeline_deployments), 1
        )::float as part
    from processed_events as processed
    left join stale_deployments as stale on processed.consumer = stale.metric
    where processed.consumer = :metric::text
    having count(*) > 0
)

select
    case
        when rebuild.log_end = 0 then coalesce(counted.total * renewed.part, 0)::bigint
        when coalesce(position.seq, 0) < rebuild.log_end then rebuild.followed_count
        else counted.done_count
    end as done_count,
    counted.total
from rebuilding.rebuilds as rebuild
left join processed_events as position on position.consumer = 'timeline'
left join renewed on true
cross join lateral (
    select
        count(*) as total,
        count(*) filter (where event.seq <= position.seq) as done_count
    from cdevents_raw as event
) as counted;
