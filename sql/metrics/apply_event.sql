-- Apply an event of the log to the timeline, if that lacks it. Call under the lock timeline.
-- :source, :id text
with due as materialized (
    select event.seq from cdevents_raw as event
    where
        event.cd_source = :source::text
        and event.cd_id = :id::text
        and event.seq > coalesce((
            select processed.seq from processed_events as processed
            where processed.consumer = 'timeline'
        ), 0)
        and not exists (
            select from applied_events as applied
            where applied.seq = event.seq
        )
),

remembered as (
    insert into applied_events (seq) select due.seq from due
    returning seq
)

select advance(array[:source::text], array[:id::text]) from remembered;
