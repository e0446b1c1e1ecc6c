-- Keep beside the log what ways said of events that other ways' word holds of; again is the same.
-- :reports text, a JSON object a line: way, rank, cause or null, and the CDEvent
with given as materialized (
    select line::jsonb as said from string_to_table(:reports::text, chr(10)) as line
),

reported as (
    select distinct
        given.said ->> 'way' as way,
        (given.said ->> 'rank')::smallint as way_rank,
        given.said ->> 'cause' as cause,
        given.said -> 'event' as content
    from given
)

insert into cdevents_replaced (
    cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content, seq,
    recorded_at, way, way_rank, cause
)
select
    kept.cd_source,
    kept.cd_id,
    (reported.content #>> '{context,timestamp}')::timestamptz as cd_timestamp,
    reported.content #>> '{context,type}' as cd_type,
    reported.content #>> '{subject,id}' as cd_subject_id,
    reported.content #>> '{subject,source}' as cd_subject_source,
    reported.content,
    kept.seq,
    now() as recorded_at,
    reported.way,
    reported.way_rank,
    reported.cause
from reported
inner join cdevents_raw as kept
    on
        kept.cd_source = reported.content #>> '{context,source}'
        and kept.cd_id = reported.content #>> '{context,id}'
where
    kept.way <> reported.way
    and kept.content <> reported.content
    and not exists (
        select from cdevents_replaced as replaced
        where
            replaced.cd_source = kept.cd_source
            and replaced.cd_id = kept.cd_id
            and replaced.way = reported.way
            and replaced.content = reported.content
    );
