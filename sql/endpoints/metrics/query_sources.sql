-- What came from each source on the days of a span, and what became of it: one row per source, by
-- name. Where a transformer does not know the shape of an event, it replies a dev.dora.unknown.
-- :from, :to timestamptz; :cursor_name of the row before, or null; :page_size integer, or null for
-- all
with counted as (
    select
        arrived.source,
        arrived.kept_in,
        arrived.type,
        arrived.day,
        sum(arrived.events)::bigint as events,
        sum(arrived.events_ahead)::bigint as events_ahead,
        max(arrived.last_at) as last_at
    from arrivals as arrived
    where
        arrived.day >= (:from::timestamptz at time zone 'UTC')::date
        and arrived.day <= (:to::timestamptz at time zone 'UTC')::date
        and (:cursor_name::text is null or arrived.source > :cursor_name::text)
    group by arrived.source, arrived.kept_in, arrived.type, arrived.day
)

select
    counted.source,
    max(counted.last_at) as last_at,
    coalesce(sum(counted.events) filter (where counted.kept_in = 'cloudevents_raw'), 0)::bigint
        as events,
    coalesce(sum(counted.events) filter (
        where counted.kept_in = 'cloudevents_raw' and counted.type = 'dev.dora.unknown'
    ), 0)::bigint as unknown,
    coalesce(sum(counted.events) filter (where counted.kept_in = 'cdevents_raw'), 0)::bigint
        as cdevents,
    sum(counted.events_ahead)::bigint as events_ahead,
    coalesce(sum(counted.events) filter (where counted.kept_in = 'dead_letters'), 0)::bigint
        as refusals,
    (
        select letter.reason from dead_letters as letter
        where
            md5(letter.ce_source) = md5(counted.source) and letter.ce_source = counted.source
        order by letter.last_refused_at desc
        limit 1
    ) as last_refusal,
    coalesce(
        jsonb_agg(
            jsonb_build_object(
                'type', counted.type, 'day', counted.day, 'events', counted.events
            ) order by counted.day, counted.type
        ) filter (where counted.kept_in = 'cloudevents_raw'), '[]'
    ) as days
from counted
group by counted.source
order by counted.source
limit :page_size::integer;
