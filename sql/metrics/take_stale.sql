-- The deployments that have waited longest for a metric to renew its rows of them, which are its
-- own to renew from now on: one row each. Call under the lock of the metric.
-- :metric text; :size integer, deployments
with taken as (
    delete from stale_deployments
    where
        stale_id = any(array(
            select stale.stale_id from stale_deployments as stale
            where stale.metric = :metric::text
            order by stale.stale_id
            limit :size::integer
        ))
    returning stale_id, deploy_source, deploy_id
),

-- Tried again, it is no longer known to be wrong.
tried as (
    delete from quarantined
    using taken
    where
        quarantined.metric = :metric::text
        and md5(quarantined.cd_source || ' ' || quarantined.cd_id)
        = md5(taken.deploy_source || ' ' || taken.deploy_id)
)

select taken.deploy_source, taken.deploy_id from taken
group by taken.deploy_source, taken.deploy_id
order by min(taken.stale_id);
