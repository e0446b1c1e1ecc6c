-- What came from each source in a span, by the time of arrival: one row per source, by name.
-- :from, :to timestamptz; :timezone text, whose midnights begin days; :cursor_name of the row
-- before, or null; :page_size integer, or null for all
with counted as (
    select
        event.ce_source as source,
        event.ce_type as type,
        date_trunc('day', event.received_at, :timezone::text) as day,
        count(*) as events,
        max(event.received_at) as last_at
    from cloudevents_raw as event
    where
        event.received_at >= :from::timestamptz
        and event.received_at < :to::timestamptz
        and (:cursor_name::text is null or event.ce_source > :cursor_name::text)
    group by event.ce_source, event.ce_type, day
),

made as (
    select event.cd_source as source, count(*) as cdevents, max(event.recorded_at) as last_at
    from cdevents_raw as event
    where
        event.recorded_at >= :from::timestamptz
        and event.recorded_at < :to::timestamptz
        and (:cursor_name::text is null or event.cd_source > :cursor_name::text)
    group by event.cd_source
),

refused as (
    select
        letter.ce_source as source,
        count(*) as refusals,
        max(letter.last_refused_at) as last_at,
        (array_agg(letter.reason order by letter.last_refused_at desc))[1] as last_reason
    from dead_letters as letter
    where
        letter.last_refused_at >= :from::timestamptz
        and letter.last_refused_at < :to::timestamptz
        and (:cursor_name::text is null or letter.ce_source > :cursor_name::text)
    group by letter.ce_source
),

sent as (
    select
        counted.source,
        max(counted.last_at) as last_at,
        jsonb_agg(
            jsonb_build_object(
                'type', counted.type,
                'day', to_char(counted.day at time zone :timezone::text, 'YYYY-MM-DD'),
                'events', counted.events
            ) order by counted.day, counted.type
        ) as days
    from counted
    group by counted.source
),

named as (
    select sent.source from sent
    union
    select made.source from made
    union
    select refused.source from refused
)

select
    source,
    greatest(sent.last_at, made.last_at, refused.last_at) as last_at,
    coalesce(sent.days, '[]') as days,
    coalesce(made.cdevents, 0) as cdevents,
    coalesce(refused.refusals, 0) as refusals,
    refused.last_reason as last_refusal
from named
left join sent using (source)
left join made using (source)
left join refused using (source)
order by source
limit :page_size::integer;
