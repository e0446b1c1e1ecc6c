-- One row: between which events the rest of a replay is, and how many were sent.
-- :arguments text
select
    replay.after_event_id,
    replay.until_event_id,
    replay.done_count
from replays as replay
where replay.arguments = :arguments::text;
