-- Remember up to which place the timeline has all of the log; forget what it has up to there.
-- :seq bigint
with forgotten as (
    delete from applied_events as applied
    where applied.seq <= :seq::bigint
)

update processed_events
set seq = greatest(seq, :seq::bigint), updated_at = now()
where consumer = 'timeline';
