-- What became of service events that were written into timelines: the deployments that changed, as
-- they were and as they are; the ids of rollouts that are part of another deployment now, or take
-- another one back. Marks all of these deployments stale.
-- was: deployments as they were; forgotten: what stood in the timelines.
create or replace function changes_of_timelines(
    sources text[], ids text[], was changed_deployment[], forgotten timeline_rollout[],
    out changed changed_deployment[], out changed_rollouts text[]
)
language plpgsql as $$
declare
    rollouts timeline_rollout[];
    deployments changed_deployment[];
begin
    rollouts := array(
        select row(
            known.cd_source, known.cd_id, known.deploy_source, known.deploy_id,
            known.takes_back_source, known.takes_back_id
        )::timeline_rollout
        from (
            select given.cd_source, given.cd_id
            from unnest(sources, ids) as given (cd_source, cd_id)
            union
            select part.cd_source, part.cd_id from unnest(forgotten) as part
        ) as written
        inner join timeline as known using (cd_source, cd_id)
    );
    rollouts := array(
        (
            select part from unnest(forgotten) as part
            except
            select part from unnest(rollouts) as part
        )
        union all
        (
            select part from unnest(rollouts) as part
            except
            select part from unnest(forgotten) as part
        )
    );
    deployments := array(
        select known_deployment(part.deploy_source, part.deploy_id)
        from (
            select old.deploy_source, old.deploy_id from unnest(was) as old
            union
            select part.deploy_source, part.deploy_id from unnest(rollouts) as part
        ) as part
        where part.deploy_id is not null
    );
    changed := array(
        select different
        from (
            (select old from unnest(was) as old except select now from unnest(deployments) as now)
            union all
            (select now from unnest(deployments) as now except select old from unnest(was) as old)
        ) as known (different)
        where (different).deploy_id is not null
    );
    changed_rollouts := array(select part.cd_id from unnest(rollouts) as part);

    perform mark_stale(array_agg(stale.deploy_source), array_agg(stale.deploy_id))
    from (
        select deployment.deploy_source, deployment.deploy_id from unnest(changed) as deployment
        union
        select part.deploy_source, part.deploy_id from unnest(rollouts) as part
        union
        select part.takes_back_source, part.takes_back_id from unnest(rollouts) as part
        union
        -- A rollback that is reported anew has another time, at which what it takes back recovers.
        select rollout.takes_back_source, rollout.takes_back_id
        from unnest(sources, ids) as given (deploy_source, deploy_id)
        inner join timeline as rollout using (deploy_source, deploy_id)
    ) as stale
    where stale.deploy_id is not null;
end
$$;
