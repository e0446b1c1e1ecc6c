-- One row: whether a metric has to renew its rows of deployments up to a place in the queue.
-- :metric text; :until bigint
select exists(
    select from stale_deployments as stale
    where stale.metric = :metric::text and stale.stale_id <= :until::bigint
) as is_stale;
