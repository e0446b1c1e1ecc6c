-- One row: whether there are deployments of which a metric has to renew its rows; null where it
-- does not follow the timeline yet.
-- :metric text
select case
    when exists (
        select from processed_events as processed
        where processed.consumer = :metric::text
    ) then exists (
        select from stale_deployments as stale
        where stale.metric = :metric::text
    )
end as is_stale;
