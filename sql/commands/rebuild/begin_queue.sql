-- Let a rebuild of all have a queue of its own, in which no metric follows yet, and no rebuild of one
-- metric go on beside it.
with others as (
    delete from rebuilding.rebuilds
    where what <> 'all'
),

events as (
    delete from rebuilding.due_events
),

followers as (
    delete from processed_events
    where consumer like '% rebuilding'
),

stale as (
    delete from stale_deployments
    where metric like '% rebuilding'
)

select begin_rebuild('{processed_events, stale_deployments}');
