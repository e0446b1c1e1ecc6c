-- Bring targets back to what they were at the starts of their timelines, which end there now.
create or replace function forget_targets(starts timeline_start[]) returns void
language sql as $$
    with gone as (
        delete from timeline_targets as known
        using unnest(forget_targets.starts) as starting
        where
            known.service_id = starting.service_id
            and known.environment_id = starting.environment_id
            and (
                (known.last_at, known.last_revision, known.last_source, known.last_id)
                >= (starting.happened_at, starting.revision, starting.cd_source, starting.cd_id)
                or known.removed_at >= starting.happened_at
            )
        returning known.*
    )

    insert into timeline_targets (
        service_id, environment_id, target, environment_name, uid_source, last_at, last_revision,
        last_source, last_id, run_source, run_id, rollout_source, rollout_id, removed_at
    )
    select
        gone.service_id, gone.environment_id, gone.target, gone.environment_name,
        gone.uid_source, latest.happened_at, latest.revision, latest.cd_source, latest.cd_id,
        run.cd_source, run.cd_id, rollout.cd_source, rollout.cd_id, removal.happened_at
    from gone
    cross join
        lateral last_at_target(gone.service_id, gone.environment_id, gone.target, false, false)
            as latest
    left join
        lateral last_at_target(gone.service_id, gone.environment_id, gone.target, true, false)
            as run
        on true
    left join
        lateral last_at_target(gone.service_id, gone.environment_id, gone.target, true, true)
            as rollout
        on true
    left join lateral (
        select known.happened_at from timeline as known
        where
            (known.service_id, known.environment_id, known.environment_name)
            = (gone.service_id, gone.environment_id, gone.environment_name)
            and known.is_removal
            and (gone.uid_source is null or known.target = gone.target)
            and (
                (run.cd_id is null and gone.uid_source is not null)
                or (known.happened_at, known.revision, known.cd_source, known.cd_id)
                > (run.happened_at, run.revision, run.cd_source, run.cd_id)
            )
        order by known.happened_at, known.revision, known.cd_source, known.cd_id
        limit 1
    ) as removal on true
$$;
