-- What a version is called, by all that is known of it.
create or replace function version_id(artifact text, digest text, commits text[]) returns uuid
language sql immutable as $$
    select md5(concat_ws(
        E'\n', coalesce(version_id.artifact, '-'), coalesce(version_id.digest, '-'),
        version_id.commits::text
    ))::uuid
$$;

-- Know the versions of services that events bring.
create or replace function note_versions(events timeline_event[]) returns void
language sql as $$
    insert into versions (service_id, version, artifact, digest, commits, shas)
    select
        event.service_id, version_id(event.artifact, event.digest, event.commits),
        event.artifact, event.digest, event.commits,
        array(select substring(named from '[^ ]*$') from unnest(event.commits) as named)
    from unnest(note_versions.events) as event
    where
        event.predicate <> 'removed'
        and not exists (
            select from versions as known
            where
                known.service_id = event.service_id
                and known.version = version_id(event.artifact, event.digest, event.commits)
        )
    on conflict do nothing
$$;

-- Hold a target in the place of what it was.
create or replace function hold_target(held held_target[], target held_target)
returns held_target[]
language sql immutable as $$
    select array(
        select one from unnest(hold_target.held) as one
        where one.target <> (hold_target.target).target
    ) || hold_target.target
$$;

-- Targets with what one of them runs since an event, or that it is removed.
-- before: what the target was; held: see known_targets
create or replace function held_targets(
    event timeline_event, own_target text, is_rollout boolean, before held_target,
    held held_target[]
) returns held_target[]
language plpgsql as $$
declare
    now held_target := before;
    removed held_target;
begin
    now.service_id := event.service_id;
    now.environment_id := event.environment_id;
    now.target := own_target;
    now.environment_name := coalesce(before.environment_name, event.environment_name);
    if before.target is null and event.uid is not null then
        now.uid_source := event.cd_source;
    end if;
    now.last_at := event.happened_at;
    now.last_revision := event.revision;
    now.last_source := event.cd_source;
    now.last_id := event.cd_id;
    if is_rollout then
        now.rollout_source := event.cd_source;
        now.rollout_id := event.cd_id;
    end if;
    if event.predicate <> 'removed' then
        now.run_source := event.cd_source;
        now.run_id := event.cd_id;
        now.removed_at := null;
        return hold_target(held, now);
    end if;

    if event.uid is not null then
        now.removed_at := coalesce(before.removed_at, event.happened_at);
    end if;
    held := hold_target(held, now);
    -- What has no uid, be it this target, is removed by any removal of its service there.
    for removed in
        select known.* from known_targets(event.service_id, event.environment_id, held) as known
        where
            known.environment_name = event.environment_name
            and known.uid_source is null
            and known.run_id is not null
            and known.removed_at is null
    loop
        removed.removed_at := event.happened_at;
        held := hold_target(held, removed);
    end loop;
    return held;
end
$$;

-- Write down what targets are, which were held.
create or replace function save_targets(held held_target[]) returns void
language sql as $$
    insert into timeline_targets
    select one.* from unnest(save_targets.held) as one
    on conflict (service_id, environment_id, target) do update set
        last_at = excluded.last_at,
        last_revision = excluded.last_revision,
        last_source = excluded.last_source,
        last_id = excluded.last_id,
        run_source = excluded.run_source,
        run_id = excluded.run_id,
        rollout_source = excluded.rollout_source,
        rollout_id = excluded.rollout_id,
        removed_at = excluded.removed_at
$$;

-- A deployment as the timeline has it now; null where it has none.
create or replace function known_deployment(deploy_source text, deploy_id text)
returns changed_deployment
language sql stable as $$
    select row(
        known.deploy_source, known.deploy_id, known.service_id, known.environment_id,
        known.deployed_at, known.started_at, known.completed_at, known.is_rollback,
        known.is_unplanned, known.artifact, known.digest, known.tag_key, known.version,
        known.commits, known.predicate, known.revision
    )::changed_deployment
    from timeline_deployments as known
    where
        known.deploy_source = known_deployment.deploy_source
        and known.deploy_id = known_deployment.deploy_id
$$;
