-- Keep CDEvents in the log; again is the same. Of several reports with one id that of the way whose
-- word is worth more stays; of one way the earliest, and of those at one time the one that says the
-- most; whichever came first, so that the order of arrival does not matter. One row per event that
-- was written.
-- :reports text, a JSON object a line: way, rank, cause or null, and the CDEvent
with given as materialized (
    select line::jsonb as said from string_to_table(:reports::text, chr(10)) as line
),

reported as (
    select
        given.said ->> 'way' as way,
        (given.said ->> 'rank')::smallint as way_rank,
        given.said ->> 'cause' as cause,
        given.said -> 'event' as content,
        given.said #>> '{event,context,source}' as cd_source,
        given.said #>> '{event,context,id}' as cd_id,
        (given.said #>> '{event,context,timestamp}')::timestamptz as cd_timestamp
    from given
)

-- In the order of their keys, so that two who insert the same do not wait for each other.
insert into cdevents_raw (
    cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content, way,
    way_rank, cause
)
select distinct on (reported.cd_source, reported.cd_id)
    reported.cd_source,
    reported.cd_id,
    reported.cd_timestamp,
    reported.content #>> '{context,type}' as cd_type,
    reported.content #>> '{subject,id}' as cd_subject_id,
    reported.content #>> '{subject,source}' as cd_subject_source,
    reported.content,
    reported.way,
    reported.way_rank,
    reported.cause
from reported
order by
    reported.cd_source, reported.cd_id, reported.way_rank, reported.way,
    reported.cd_timestamp, length(reported.content::text) desc, reported.content::text
on conflict (cd_source, cd_id) do update
    set
        cd_timestamp = excluded.cd_timestamp,
        cd_type = excluded.cd_type,
        cd_subject_id = excluded.cd_subject_id,
        cd_subject_source = excluded.cd_subject_source,
        content = excluded.content,
        way = excluded.way,
        way_rank = excluded.way_rank,
        cause = excluded.cause,
        seq = nextval('cdevents_raw_seq'),
        recorded_at = now()
    where
    (
        excluded.way_rank, excluded.way, excluded.cd_timestamp,
        -length(excluded.content::text), excluded.content::text
    )
    < (
        cdevents_raw.way_rank, cdevents_raw.way, cdevents_raw.cd_timestamp,
        -length(cdevents_raw.content::text), cdevents_raw.content::text
    )
returning 1 as written;
