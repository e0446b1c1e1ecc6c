-- Let what followed the timeline for a rebuild follow it no more.
-- :follower text
with left_stale as (
    delete from stale_deployments
    where metric = :follower::text
)

delete from processed_events
where consumer = :follower::text;
