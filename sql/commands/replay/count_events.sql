-- One row: how many events are still to be replayed.
-- :after, :until bigint; :from, :to timestamptz, :type text (prefix), :source text, each or null
select count(*)
from cloudevents_raw as event
where
    event.event_id > :after::bigint
    and event.event_id <= :until::bigint
    and event.event_timestamp >= coalesce(:from::timestamptz, '-infinity')
    and event.event_timestamp < coalesce(:to::timestamptz, 'infinity')
    and starts_with(event.ce_type, coalesce(:type::text, ''))
    and event.ce_source = coalesce(:source::text, event.ce_source);
