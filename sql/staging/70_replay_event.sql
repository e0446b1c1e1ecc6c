-- Write a service event, whose version is known, at the end of its timeline: its target
-- (definition 6), whether it is a rollout (8), whether that goes back (10), of which deployment it
-- is part (9), and what it takes back (14).
-- held: targets of its service and environment, see known_targets
-- Returns these as they are then, and the deployment that it joined, as that was before; null where
-- it joined none.
create or replace function replay_event(
    event timeline_event, inout held held_target[], out joined changed_deployment
)
language plpgsql as $$
declare
    own_target text := target_of(
        event.service_id, event.environment_id, event.environment_name, event.cd_source, event.uid,
        event.repository_url, held
    );
    own_version uuid := version_id(event.artifact, event.digest, event.commits);
    own_versions uuid[] := '{}';
    target_before held_target;
    replaced record;
    is_same boolean := false;
    is_rollout boolean := false;
    goes_back boolean := false;
    is_first boolean := false;
    deployment event_key;
    root event_key;
begin
    select known.* into target_before
    from known_targets(event.service_id, event.environment_id, held) as known
    where known.target = own_target;

    if event.predicate <> 'removed' then
        own_versions := same_versions(event.service_id, own_version);
        select known.version, known.template_fingerprint into replaced from timeline as known
        where known.cd_source = target_before.run_source and known.cd_id = target_before.run_id;
        is_same := coalesce(replaced.version = any(own_versions), false);
        is_rollout := not is_same
            or coalesce(replaced.template_fingerprint <> event.template_fingerprint, false);
    end if;

    if is_rollout then
        goes_back := event.predicate = 'rolledback' or case
            when is_same then template_ran_before(
                event.service_id, event.environment_id, own_target, event.template_fingerprint,
                replaced.template_fingerprint
            )
            when has_run(event.service_id, event.environment_id, own_target, own_versions)
                then ran_before(
                    event.service_id, event.environment_id, own_target, own_versions,
                    same_versions(event.service_id, replaced.version)
                )
            else false
        end;
        if was_deployed(event.service_id, event.environment_id, own_versions) then
            select found.* into deployment from deployment_to_join(
                event.service_id, event.environment_id, own_target, own_versions, goes_back,
                target_before.rollout_source, target_before.rollout_id
            ) as found;
        end if;
        if goes_back then
            select found.* into root from taken_back(
                event.service_id, event.environment_id, event.happened_at,
                target_before.rollout_source, target_before.rollout_id
            ) as found;
        end if;
        is_first := deployment.cd_id is null;
        if is_first then
            deployment := (event.cd_source, event.cd_id);
            insert into timeline_deployments (
                deploy_source, deploy_id, service_id, environment_id, deployed_at, revision,
                started_at, completed_at, is_rollback, is_unplanned, predicate, artifact, digest,
                tag_key, commits, version
            )
            values (
                event.cd_source, event.cd_id, event.service_id, event.environment_id,
                event.happened_at, event.revision, event.started_at, event.happened_at, goes_back,
                event.is_unplanned, event.predicate, event.artifact, event.digest, event.tag_key,
                event.commits, own_version
            );
        else
            joined := known_deployment(deployment.cd_source, deployment.cd_id);
            update timeline_deployments as known set
                started_at = least(known.started_at, event.started_at),
                completed_at = event.happened_at,
                is_unplanned = known.is_unplanned or event.is_unplanned
            where
                known.deploy_source = deployment.cd_source
                and known.deploy_id = deployment.cd_id;
        end if;
    end if;

    insert into timeline (
        cd_source, cd_id, service_id, environment_id, happened_at, revision, started_at,
        is_unplanned, environment_name, uid, repository_url, target, is_removal, artifact, digest,
        commits, version, template_fingerprint, is_rollout, goes_back, deploy_source, deploy_id,
        takes_back_source, takes_back_id
    )
    values (
        event.cd_source, event.cd_id, event.service_id, event.environment_id, event.happened_at,
        event.revision, event.started_at, event.is_unplanned, event.environment_name, event.uid,
        event.repository_url, own_target, event.predicate = 'removed', event.artifact,
        event.digest, event.commits, own_version, event.template_fingerprint, is_rollout,
        goes_back, deployment.cd_source, deployment.cd_id, root.cd_source, root.cd_id
    );
    held := held_targets(event, own_target, is_rollout, target_before, held);
end
$$;

comment on function replay_event is
'Write a service event at the end of its timeline.';
