-- Bring up to date what persons say of a deployment, by the ids of its rollouts, or of an incident,
-- and let the metrics look at the deployment again.
create or replace function renew_correction(kind text, source text, id text) returns void
language plpgsql as $$
declare
    sources text[] := array[source];
    ids text[] := array[id];
    former corrections;
    present corrections;
begin
    if kind = 'deployment' then
        select array_agg(rollout.cd_source), array_agg(rollout.cd_id) into sources, ids
        from corrected_rollouts as rollout
        where rollout.deploy_source = source and rollout.deploy_id = id;
    end if;
    select * into former from corrections as known
    where (known.kind, known.source, known.id)
        = (renew_correction.kind, renew_correction.source, renew_correction.id);
    select renew_correction.kind, renew_correction.source, renew_correction.id, said.* into present
    from corrected(kind, sources, ids) as said
    where said.corrected_at is not null;
    if former is not distinct from present then
        return;
    end if;

    delete from corrections as known
    where (known.kind, known.source, known.id)
        = (renew_correction.kind, renew_correction.source, renew_correction.id);
    insert into corrections select present.* where present.kind is not null;
    if kind = 'deployment' then
        perform mark_stale(array[source], array[id]);
    else
        perform mark_failures(belonging.deploy_source, belonging.deploy_id)
        from incident_deployments as belonging
        where belonging.incident_source = source and belonging.incident_id = id;
    end if;
end
$$;

-- Bring up to date what persons say of the deployments that rollouts of an id are or were part of.
create or replace function renew_corrected_rollouts(id text) returns void
language plpgsql as $$
declare
    former corrected_rollouts[];
begin
    with gone as (
        delete from corrected_rollouts as rollout
        where rollout.cd_id = renew_corrected_rollouts.id
        returning rollout.*
    )

    select array_agg(gone) into former from gone;
    insert into corrected_rollouts
    select rollout.cd_id, rollout.cd_source, rollout.deploy_source, rollout.deploy_id
    from timeline as rollout
    where
        rollout.cd_id = renew_corrected_rollouts.id
        and rollout.deploy_id is not null
        and exists (
            select from correction_events as event
            where
                event.id = rollout.cd_id
                and event.kind = 'deployment'
                and (event.source is null or event.source = rollout.cd_source)
        );
    perform renew_correction('deployment', deployment.deploy_source, deployment.deploy_id)
    from (
        select rollout.deploy_source, rollout.deploy_id from unnest(former) as rollout
        union
        select rollout.deploy_source, rollout.deploy_id from corrected_rollouts as rollout
        where rollout.cd_id = renew_corrected_rollouts.id
    ) as deployment;
end
$$;
