-- Keep a CDEvent in the log; again is the same. If one id is told in two ways, the earliest telling
-- stays, whichever came first, so that the order of arrival does not matter.
-- :content text, the CDEvent as JSON; :time text, RFC 3339
insert into cdevents_raw (
    cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content
)
values (
    :source::text,
    :id::text,
    :time::timestamptz,
    :type::text,
    :subject::text,
    :subject_source::text,
    :content::jsonb
)
on conflict (cd_source, cd_id) do update set
    cd_timestamp = excluded.cd_timestamp,
    cd_type = excluded.cd_type,
    cd_subject_id = excluded.cd_subject_id,
    cd_subject_source = excluded.cd_subject_source,
    content = excluded.content,
    seq = nextval('cdevents_raw_seq'),
    recorded_at = now()
where
(excluded.cd_timestamp, excluded.content::text)
< (cdevents_raw.cd_timestamp, cdevents_raw.content::text);
