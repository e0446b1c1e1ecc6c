-- The demo's events: one row per source and id.
with demo as (
    select
        event.ce_source as source,
        event.ce_id as id,
        event.content #>> '{data,event,data,service,summary}' as service
    from cloudevents_raw as event
    union all
    select
        event.ce_source as source,
        event.ce_id as id,
        event.content #>> '{data,event,data,service,summary}' as service
    from cloudevents_replaced as event
    union all
    select
        event.ce_source as source,
        event.ce_id as id,
        null as service
    from dead_letters as event
    union all
    select
        event.cd_source as source,
        event.cd_id as id,
        event.service_id as service
    from cdevents_raw as event
    union all
    select
        event.cd_source as source,
        event.cd_id as id,
        null as service
    from cdevents_replaced as event
)

select distinct
    demo.source,
    demo.id
from demo
where
    demo.source like 'https://%demo.example%'
    -- PagerDuty's webhooks are one source for all who use it.
    or (demo.source = '/webhooks/pagerduty' and demo.service like 'demo-%');
