-- One row: how many events the log has up to the place up to which the timeline has all, and after
-- it.
select
    count(*) filter (where event.seq <= coalesce(position.seq, 0)) as done_count,
    count(*) as total
from cdevents_raw as event
left join processed_events as position on position.consumer = 'timeline';
