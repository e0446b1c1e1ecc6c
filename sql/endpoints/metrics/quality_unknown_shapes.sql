-- Sources of whose events nothing became, because their transformer does not know the shape: one
-- row each, with the latest reason.
-- :from, :to timestamptz, by the days that they touch; :most integer, rows
select
    null as service,
    arrived.source,
    (
        select event.content #>> '{data,because}' from cloudevents_raw as event
        where
            event.ce_type = 'dev.dora.unknown'
            and md5(event.ce_source) = md5(arrived.source)
            and event.ce_source = arrived.source
        order by event.event_id desc
        limit 1
    ) as why,
    sum(arrived.events)::bigint as count,
    count(*) over () as total
from arrivals as arrived
where
    arrived.type = 'dev.dora.unknown'
    and arrived.kept_in = 'cloudevents_raw'
    and arrived.day >= (:from::timestamptz at time zone 'UTC')::date
    and arrived.day <= (:to::timestamptz at time zone 'UTC')::date
group by arrived.source
order by sum(arrived.events) desc, arrived.source
limit :most::integer;
