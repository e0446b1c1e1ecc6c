-- Keep events, in the order in which they came; again is the same.
-- :contents text, an event in CloudEvents JSON format a line
with given as materialized (
    select
        event.line::jsonb as content,
        event.place
    from string_to_table(:contents::text, chr(10)) with ordinality as event (line, place)
)

insert into cloudevents_raw (ce_source, ce_id, ce_type, content, event_timestamp)
select
    given.content ->> 'source' as ce_source,
    given.content ->> 'id' as ce_id,
    given.content ->> 'type' as ce_type,
    given.content,
    coalesce((given.content ->> 'time')::timestamptz, now()) as event_timestamp
from given
order by given.place
on conflict (ce_source, ce_id) do nothing;
