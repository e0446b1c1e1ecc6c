-- Let what was set aside be tried again, as if it came now: one row, how many events and how many
-- deployments.
-- :metric text, timeline or a metric; null for all
with events as (
    update cdevents_raw as event set seq = nextval('cdevents_raw_seq')
    from quarantined as aside
    where
        aside.metric = 'timeline'
        and (:metric::text is null or :metric::text = 'timeline')
        and event.cd_source = aside.cd_source
        and event.cd_id = aside.cd_id
    returning 1
),

deployments as (
    delete from quarantined
    where metric <> 'timeline' and (:metric::text is null or metric = :metric::text)
    returning metric, cd_source, cd_id
),

queued as (
    insert into stale_deployments (metric, deploy_source, deploy_id)
    select deployment.metric, deployment.cd_source, deployment.cd_id
    from deployments as deployment
    order by deployment.cd_source, deployment.cd_id
    returning 1
)

select
    (select count(*) from events) as events,
    (select count(*) from queued) as deployments;
