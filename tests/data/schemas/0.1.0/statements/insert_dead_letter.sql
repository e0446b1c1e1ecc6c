-- Keep an event that could not be delivered; again counts, and its newest reason stays.
-- :content text, the event in CloudEvents JSON format; :code integer or null
insert into dead_letters (
    ce_source, ce_id, ce_type, content, destination, response_code, reason
)
values (
    :source::text,
    :id::text,
    :type::text,
    :content::json,
    :destination::text,
    :code::integer,
    :reason::text
)
on conflict (md5(ce_source || ' ' || ce_id), md5(destination)) do update set
    response_code = excluded.response_code,
    reason = excluded.reason,
    refused_count = dead_letters.refused_count + 1,
    last_refused_at = now();
