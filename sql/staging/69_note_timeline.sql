-- Know a version of a service.
create or replace function note_version(event timeline_event, own_version uuid) returns void
language sql as $$
    insert into versions (service_id, version, artifact, digest, commits, shas)
    select
        (note_version.event).service_id, note_version.own_version,
        (note_version.event).artifact, (note_version.event).digest,
        (note_version.event).commits,
        array(
            select substring(named from '[^ ]*$') from unnest((note_version.event).commits) as named
        )
    where not exists (
        select from versions as known
        where
            known.service_id = (note_version.event).service_id
            and known.version = note_version.own_version
    )
    on conflict do nothing
$$;

-- Know what a target runs since an event, or that it is removed.
create or replace function note_target(event timeline_event, own_target text, is_rollout boolean)
returns void
language plpgsql as $$
declare
    is_removal boolean := event.predicate = 'removed';
begin
    insert into timeline_targets as known (
        service_id, environment_id, target, environment_name, uid_source, last_at, last_revision,
        last_source, last_id, run_source, run_id, rollout_source, rollout_id, removed_at
    )
    values (
        event.service_id, event.environment_id, own_target, event.environment_name,
        case when event.uid is not null then event.cd_source end,
        event.happened_at, event.revision, event.cd_source, event.cd_id,
        case when not is_removal then event.cd_source end,
        case when not is_removal then event.cd_id end,
        case when is_rollout then event.cd_source end,
        case when is_rollout then event.cd_id end,
        case when is_removal and event.uid is not null then event.happened_at end
    )
    on conflict (service_id, environment_id, target) do update set
        last_at = excluded.last_at,
        last_revision = excluded.last_revision,
        last_source = excluded.last_source,
        last_id = excluded.last_id,
        run_source = coalesce(excluded.run_source, known.run_source),
        run_id = coalesce(excluded.run_id, known.run_id),
        rollout_source = coalesce(excluded.rollout_source, known.rollout_source),
        rollout_id = coalesce(excluded.rollout_id, known.rollout_id),
        removed_at = case when is_removal then coalesce(known.removed_at, excluded.removed_at) end;

    -- What has no uid, be it this target, is removed by any removal of its service there.
    if is_removal then
        update timeline_targets as known set removed_at = event.happened_at
        where
            known.service_id = event.service_id
            and known.environment_id = event.environment_id
            and known.environment_name = event.environment_name
            and known.uid_source is null
            and known.run_id is not null
            and known.removed_at is null;
    end if;
end
$$;

-- A deployment as the timeline has it now; null where it has none.
create or replace function known_deployment(deploy_source text, deploy_id text)
returns changed_deployment
language sql stable as $$
    select row(
        known.deploy_source, known.deploy_id, known.service_id, known.environment_id,
        known.deployed_at, known.started_at, known.completed_at, known.is_rollback,
        known.is_unplanned, known.artifact, known.digest, known.tag_key, known.version,
        known.commits, known.predicate
    )::changed_deployment
    from timeline_deployments as known
    where
        known.deploy_source = known_deployment.deploy_source
        and known.deploy_id = known_deployment.deploy_id
$$;
