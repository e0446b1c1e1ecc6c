-- The row of a deployment in deployed_changes, as the timeline has it, before it is known how far
-- that is right; or no row.
create or replace function deployed_change(source text, id text) returns setof deployed_changes
language sql stable as $$
    select
        known.deploy_source, known.deploy_id, known.service_id, known.environment_id,
        known.deployed_at, known.revision, named.commits,
        listed_names(known.deploy_source, known.deploy_id, named.commits),
        exists (
            select from unnest(named.commits) as name
            cross join lateral named_change(name) as change
        ),
        0, 0, 0
    from timeline_deployments as known
    cross join lateral resolved_commits(known.commits) as named (commits)
    where known.deploy_source = deployed_change.source and known.deploy_id = deployed_change.id
    limit 1
$$;

-- Forget how far a service came in an environment, from one of its deployments on. What it shipped
-- is left to be compared, but of deployments that are no more.
create or replace function forget_shipping(start timeline_start) returns void
language plpgsql as $$
declare
    forgotten event_key[];
begin
    with gone as (
        delete from deployed_changes as known
        where
            (known.service_id, known.environment_id) = (start.service_id, start.environment_id)
            and (known.deployed_at, known.revision, known.deploy_source, known.deploy_id)
            >= (start.happened_at, start.revision, start.cd_source, start.cd_id)
        returning deploy_source, deploy_id
    )

    select coalesce(array_agg((deploy_source, deploy_id)::event_key), '{}') into forgotten
    from gone;
    delete from reached_steps
    where ctid = any(array(
        select mark.ctid from unnest(forgotten) as key
        cross join
            lateral (
                select found.ctid from reached_steps as found
                where found.deploy_source = key.cd_source and found.deploy_id = key.cd_id
                offset 0
            ) as mark
    ));
    delete from shipped_changes
    where ctid = any(array(
        select known.ctid from unnest(forgotten) as key
        cross join
            lateral (
                select found.ctid from shipped_changes as found
                where found.deploy_source = key.cd_source and found.deploy_id = key.cd_id
                offset 0
            ) as known
        where not exists (select from deployed_change(key.cd_source, key.cd_id))
    ));
end
$$;

-- Find anew how far a service came in an environment, from one of its deployments to another: one
-- after the other, a thousand of them between the statements that renew what they ship. Returns
-- those of which that is still to do.
create or replace function replay_shipping(start timeline_start, until timeline_start)
returns event_key[]
language plpgsql as $$
declare
    deployment record;
    reached event_key[] := '{}';
begin
    for deployment in
        insert into deployed_changes
        select known.*
        from (
            select next.deploy_source, next.deploy_id from timeline_deployments as next
            where
                (next.service_id, next.environment_id) = (start.service_id, start.environment_id)
                and (next.deployed_at, next.revision, next.deploy_source, next.deploy_id)
                >= (start.happened_at, start.revision, start.cd_source, start.cd_id)
                and (next.deployed_at, next.revision, next.deploy_source, next.deploy_id)
                <= (until.happened_at, until.revision, until.cd_source, until.cd_id)
            order by next.deployed_at, next.revision, next.deploy_source, next.deploy_id
            offset 0
        ) as next
        cross join lateral deployed_change(next.deploy_source, next.deploy_id) as known
        returning deployed_changes.*
    loop
        perform reach(deployment);
        reached := reached || (deployment.deploy_source, deployment.deploy_id)::event_key;
        if cardinality(reached) = 1000 then
            perform renew_shipped(reached);
            reached := '{}';
        end if;
    end loop;
    return reached;
end
$$;
