-- The next events to replay, each in CloudEvents JSON format with its way in, in the order of
-- arrival.
-- :after, :until bigint; :size integer, events; :from, :to timestamptz, :type text (prefix),
-- :source text, each or null
select
    event.event_id,
    case
        when event.way = 'cluster' then event.content
        else event.content || jsonb_build_object('wayin', event.way)
    end::text as content
from cloudevents_raw as event
where
    event.event_id > :after::bigint
    and event.event_id <= :until::bigint
    and event.event_timestamp >= coalesce(:from::timestamptz, '-infinity')
    and event.event_timestamp < coalesce(:to::timestamptz, 'infinity')
    and starts_with(event.ce_type, coalesce(:type::text, ''))
    and event.ce_source = coalesce(:source::text, event.ce_source)
order by event.event_id
limit :size::integer;
