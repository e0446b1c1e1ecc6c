-- Keep CDEvents in the log; again is the same. If one id is told in two ways, the earliest telling
-- stays, and of those at one time the one that says the most, whichever came first, so that the
-- order of arrival does not matter.
-- :contents text, a CDEvent as JSON a line
with given as materialized (
    select line::jsonb as content from string_to_table(:contents::text, chr(10)) as line
),

told as (
    select
        given.content,
        given.content #>> '{context,source}' as cd_source,
        given.content #>> '{context,id}' as cd_id,
        (given.content #>> '{context,timestamp}')::timestamptz as cd_timestamp
    from given
)

-- In the order of their keys, so that two who insert the same do not wait for each other.
insert into cdevents_raw (
    cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content
)
select distinct on (told.cd_source, told.cd_id)
    told.cd_source,
    told.cd_id,
    told.cd_timestamp,
    told.content #>> '{context,type}' as cd_type,
    told.content #>> '{subject,id}' as cd_subject_id,
    told.content #>> '{subject,source}' as cd_subject_source,
    told.content
from told
order by
    told.cd_source, told.cd_id, told.cd_timestamp, length(told.content::text) desc,
    told.content::text
on conflict (cd_source, cd_id) do update set
    cd_timestamp = excluded.cd_timestamp,
    cd_type = excluded.cd_type,
    cd_subject_id = excluded.cd_subject_id,
    cd_subject_source = excluded.cd_subject_source,
    content = excluded.content,
    seq = nextval('cdevents_raw_seq'),
    recorded_at = now()
where
(excluded.cd_timestamp, -length(excluded.content::text), excluded.content::text)
< (cdevents_raw.cd_timestamp, -length(cdevents_raw.content::text), cdevents_raw.content::text);
