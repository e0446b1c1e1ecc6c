-- Keep CDEvents in the log; again is the same. Of several reports with one id the earliest stays,
-- and of those at one time the one that says the most, whichever came first, so that the order of
-- arrival does not matter.
-- :contents text, a CDEvent as JSON a line
with given as materialized (
    select line::jsonb as content from string_to_table(:contents::text, chr(10)) as line
),

reported as (
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
select distinct on (reported.cd_source, reported.cd_id)
    reported.cd_source,
    reported.cd_id,
    reported.cd_timestamp,
    reported.content #>> '{context,type}' as cd_type,
    reported.content #>> '{subject,id}' as cd_subject_id,
    reported.content #>> '{subject,source}' as cd_subject_source,
    reported.content
from reported
order by
    reported.cd_source, reported.cd_id, reported.cd_timestamp, length(reported.content::text) desc,
    reported.content::text
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
