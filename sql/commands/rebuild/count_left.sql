-- One row: how many events, or deployments, are left for a rebuild.
-- :follower text, as what it follows the timeline; all for a rebuild of all
select case
    when :follower::text = 'all' then (select count(*) from rebuilding.due_events)
    else (
        select count(*) from stale_deployments as stale
        where stale.metric = :follower::text
    )
end as left_count;
