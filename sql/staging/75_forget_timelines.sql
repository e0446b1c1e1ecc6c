-- Forget what stands in timelines from their starts on. Returns it.
create or replace function forget_events(starts timeline_start[]) returns timeline_rollout[]
language sql as $$
    with gone as (
        delete from timeline as known
        using unnest(forget_events.starts) as starting
        where
            known.service_id = starting.service_id
            and known.environment_id = starting.environment_id
            and (known.happened_at, known.revision, known.cd_source, known.cd_id)
            >= (starting.happened_at, starting.revision, starting.cd_source, starting.cd_id)
        returning
            known.cd_source, known.cd_id, known.deploy_source, known.deploy_id,
            known.takes_back_source, known.takes_back_id
    )

    select array_agg(row(gone.*)::timeline_rollout) from gone
$$;

-- Forget the deployments that began with what is gone; of others only those of their rollouts.
create or replace function forget_deployments(gone timeline_rollout[]) returns void
language sql as $$
    delete from timeline_deployments as known
    using unnest(forget_deployments.gone) as first_rollout
    where
        known.deploy_source = first_rollout.cd_source and known.deploy_id = first_rollout.cd_id;

    update timeline_deployments as known set
        started_at = remaining.started_at,
        completed_at = remaining.completed_at,
        is_unplanned = remaining.is_unplanned
    from (
        select
            joined.deploy_source, joined.deploy_id, min(rollout.started_at) as started_at,
            max(rollout.happened_at) as completed_at, bool_or(rollout.is_unplanned) as is_unplanned
        from (
            select distinct part.deploy_source, part.deploy_id
            from unnest(forget_deployments.gone) as part
        ) as joined
        inner join timeline as rollout using (deploy_source, deploy_id)
        group by joined.deploy_source, joined.deploy_id
    ) as remaining
    where
        known.deploy_source = remaining.deploy_source and known.deploy_id = remaining.deploy_id
$$;
