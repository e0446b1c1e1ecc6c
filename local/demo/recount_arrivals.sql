-- PagerDuty's events are counted again without the demo's, for it is one source for all who use it.
delete from arrivals
where source = '/webhooks/pagerduty';

select
    note_arrivals(
        'cdevents_raw', event.cd_source, event.cd_type, max(event.recorded_at), count(*)
    )
from cdevents_raw as event
where event.cd_source = '/webhooks/pagerduty'
group by event.cd_source, event.cd_type, (event.recorded_at at time zone 'UTC')::date;

select
    note_arrivals(
        'cloudevents_raw', event.ce_source, event.ce_type, max(event.received_at), count(*)
    )
from cloudevents_raw as event
where event.ce_source = '/webhooks/pagerduty'
group by event.ce_source, event.ce_type, (event.received_at at time zone 'UTC')::date;
