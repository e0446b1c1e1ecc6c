-- Bring what deployments ship, and how far that is known, up to date with what they reached.
create or replace function renew_shipped(deployments event_key[]) returns void
language plpgsql as $$
begin
    with shipped as materialized (
        select ships.* from unnest(deployments) as given
        cross join lateral shipped_by(given.cd_source, given.cd_id) as ships
    ),

    gone as (
        delete from shipped_changes
        where ctid = any(array(
            select known.ctid
            from unnest(deployments) as given
            cross join
                lateral (
                    select found.ctid, found.* from shipped_changes as found
                    where
                        found.deploy_source = given.cd_source and found.deploy_id = given.cd_id
                    offset 0
                ) as known
            where
                (known.deploy_source, known.deploy_id, known.repository_id, known.sha) not in (
                    select deploy_source, deploy_id, repository_id, sha from shipped
                )
        ))
    )

    insert into shipped_changes as known
    select * from shipped
    on conflict (deploy_source, deploy_id, repository_id, sha) do update set
        branch = excluded.branch,
        service_id = excluded.service_id,
        environment_id = excluded.environment_id,
        committed_at = excluded.committed_at,
        opened_at = excluded.opened_at,
        merged_at = excluded.merged_at,
        deployed_at = excluded.deployed_at,
        revision = excluded.revision,
        is_bot = excluded.is_bot,
        clock = excluded.clock,
        lead_time_seconds = excluded.lead_time_seconds,
        commit_to_opened_seconds = excluded.commit_to_opened_seconds,
        opened_to_merged_seconds = excluded.opened_to_merged_seconds,
        merged_to_deployed_seconds = excluded.merged_to_deployed_seconds
    where known is distinct from excluded;

    insert into deployed_changes as known
    select
        deployment.deploy_source, deployment.deploy_id, deployment.service_id,
        deployment.environment_id, deployment.deployed_at, deployment.revision,
        deployment.commits, deployment.listed, deployment.is_linked, doubts.*
    from unnest(deployments) as given
    cross join lateral deployment_of(given.cd_source, given.cd_id) as deployment
    cross join lateral shipping_doubts(given.cd_source, given.cd_id) as doubts
    on conflict (deploy_source, deploy_id) do update set
        gaps = excluded.gaps,
        incomplete_pushes = excluded.incomplete_pushes,
        contradictions = excluded.contradictions
    where
        (known.gaps, known.incomplete_pushes, known.contradictions)
        <> (excluded.gaps, excluded.incomplete_pushes, excluded.contradictions);
end
$$;
