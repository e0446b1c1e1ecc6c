-- One row: the newest place in the queue of deployments of which a metric has to renew its rows, or
-- 0; null where it does not follow the timeline yet.
-- :metric text
select case
    when exists (
        select from processed_events as processed
        where processed.consumer = :metric::text
    ) then coalesce((
        select max(stale.stale_id) from stale_deployments as stale
        where stale.metric = :metric::text
    ), 0)
end as newest;
