-- Keep beside what ways said of events that other ways' word holds of; again is the same. The time
-- of an event may be that of sending, so it is no difference.
-- :reports text, a JSON object a line: way, rank and the event in CloudEvents JSON format
with given as materialized (
    select line::jsonb as said from string_to_table(:reports::text, chr(10)) as line
),

reported as (
    select distinct
        given.said ->> 'way' as way,
        given.said -> 'event' as content
    from given
)

insert into cloudevents_replaced (ce_source, ce_id, ce_type, content, event_timestamp, way)
select
    kept.ce_source,
    kept.ce_id,
    reported.content ->> 'type' as ce_type,
    reported.content,
    coalesce((reported.content ->> 'time')::timestamptz, now()) as event_timestamp,
    reported.way
from reported
inner join cloudevents_raw as kept
    on
        kept.ce_source = reported.content ->> 'source'
        and kept.ce_id = reported.content ->> 'id'
where
    kept.way <> reported.way
    and kept.content - 'time' <> reported.content - 'time'
    and not exists (
        select from cloudevents_replaced as replaced
        where
            replaced.ce_source = kept.ce_source
            and replaced.ce_id = kept.ce_id
            and replaced.way = reported.way
            and replaced.content - 'time' = reported.content - 'time'
    );
