-- Keep an event; again is the same.
-- :content text, the event in CloudEvents JSON format; :time text, RFC 3339, or null
insert into cloudevents_raw (ce_source, ce_id, ce_type, content, event_timestamp)
values (
    :source::text,
    :id::text,
    :type::text,
    :content::jsonb,
    coalesce(:time::timestamptz, now())
)
on conflict (ce_source, ce_id) do nothing;
