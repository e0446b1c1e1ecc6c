-- Begin a replay, up to what is kept now. One of the same arguments that was not finished stays as
-- it is, unless asked to restart.
-- :arguments text; :restart boolean
insert into replays (arguments, until_event_id)
select
    :arguments::text as arguments,
    coalesce(max(event.event_id), 0) as until_event_id
from cloudevents_raw as event
on conflict (arguments) do update set
    after_event_id = 0,
    until_event_id = excluded.until_event_id,
    done_count = 0,
    started_at = now(),
    updated_at = now(),
    finished_at = null
where replays.finished_at is not null or :restart::boolean;
