-- Apply an event of the log to the timeline, if that lacks it, and with it what came after all that
-- the timeline has: each of these would be next. Call under the lock timeline.
-- :source, :id text; :others integer, how many of those that came after
with position as materialized (
    select coalesce((
        select processed.seq from processed_events as processed
        where processed.consumer = 'timeline'
    ), 0) as seq
),

own as materialized (
    select event.seq, event.cd_source, event.cd_id from cdevents_raw as event
    where
        event.cd_source = :source::text
        and event.cd_id = :id::text
        and event.seq > (select position.seq from position)
        and not exists (
            select from applied_events as applied
            where applied.seq = event.seq
        )
),

others as materialized (
    select event.seq, event.cd_source, event.cd_id
    from own
    inner join cdevents_raw as event on own.seq <> event.seq
    where
        event.seq > greatest(
            (select position.seq from position),
            (select max(applied.seq) from applied_events as applied)
        )
    order by event.seq
    limit :others::integer
),

due as materialized (
    select * from own
    union all
    select * from others
),

remembered as (
    insert into applied_events (seq) select due.seq from due
)

select
    advance(array_agg(due.cd_source order by due.seq), array_agg(due.cd_id order by due.seq))
from due
having count(*) > 0;
