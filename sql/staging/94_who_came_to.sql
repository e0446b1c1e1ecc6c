-- The deployments that came to changes, by their names, be it that a change contradicts it; and
-- whether it does that no longer, or does now.
create or replace function who_came_to(names text[])
returns table (
    service_id text, environment_id text, deployed_at timestamptz, revision bigint,
    deploy_source text, deploy_id text, is_other boolean
)
language sql stable as $$
    select
        mark.service_id, mark.environment_id, mark.deployed_at, mark.revision,
        mark.deploy_source, mark.deploy_id,
        mark.kind <> 'listed' and (mark.kind = 'contradiction') <> contradicts(
            change.repository_url, change.sha, change.committed_at, change.merged_at,
            deployment.commits, mark.deployed_at
        )
    from unnest(who_came_to.names) as name
    cross join lateral change_of(
        left(name, strpos(name, ' ') - 1), split_part(name, ' ', -1)
    ) as change
    cross join lateral listings_of(change.sha) as listing
    cross join
        lateral (
            select found.* from reached_steps as found
            where found.step_source = listing.cd_source and found.step_id = listing.cd_id
            offset 0
        ) as mark
    cross join lateral deployment_of(mark.deploy_source, mark.deploy_id) as deployment
    where
        mark.repository_url = change.repository_url
        and mark.after_place < listing.place
        and mark.place >= listing.place
$$;
