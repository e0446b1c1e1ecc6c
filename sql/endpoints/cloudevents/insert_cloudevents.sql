-- Keep events, in the order in which they came; again is the same. Of two ways the one whose word
-- is worth more stays, whichever came first. One row per event that was written.
-- :reports text, a JSON object a line: way, rank and the event in CloudEvents JSON format
with given as materialized (
    select
        report.line::jsonb as said,
        report.place
    from string_to_table(:reports::text, chr(10)) with ordinality as report (line, place)
),

reported as (
    select
        given.said ->> 'way' as way,
        (given.said ->> 'rank')::smallint as way_rank,
        given.said -> 'event' as content,
        given.place
    from given
),

best as (
    select distinct on (reported.content ->> 'source', reported.content ->> 'id')
        reported.way,
        reported.way_rank,
        reported.content,
        reported.place
    from reported
    order by
        reported.content ->> 'source', reported.content ->> 'id', reported.way_rank,
        reported.way, reported.place
)

insert into cloudevents_raw (
    ce_source, ce_id, ce_type, content, event_timestamp, way, way_rank
)
select
    best.content ->> 'source' as ce_source,
    best.content ->> 'id' as ce_id,
    best.content ->> 'type' as ce_type,
    best.content,
    coalesce((best.content ->> 'time')::timestamptz, now()) as event_timestamp,
    best.way,
    best.way_rank
from best
order by best.place
on conflict (ce_source, ce_id) do update
    set
        ce_type = excluded.ce_type,
        content = excluded.content,
        event_timestamp = excluded.event_timestamp,
        way = excluded.way,
        way_rank = excluded.way_rank
    where
    (excluded.way_rank, excluded.way)
    < (cloudevents_raw.way_rank, cloudevents_raw.way)
returning 1 as written;
