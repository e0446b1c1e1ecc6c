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
            deployment.commits || deployment.listed, mark.deployed_at
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

-- Where timelines have to be looked at again: deployments that are others now, at the places that
-- they had and have; those that reached steps that are others; those that name moved changes; and
-- those whom changes contradict no longer, or now.
create or replace function shipping_places(
    deployments event_key[], stale event_key[], moved text[], altered text[]
)
returns setof timeline_start
language sql stable as $$
    select place.*
    from unnest(shipping_places.deployments) as key
    left join lateral deployment_of(key.cd_source, key.cd_id) as was on true
    left join lateral (
        select known.* from timeline_deployments as known
        where known.deploy_source = key.cd_source and known.deploy_id = key.cd_id
        limit 1
    ) as here on true
    -- Of a new one it does not matter yet what it names.
    left join lateral deployed_change(was.deploy_source, was.deploy_id) as now on true
    cross join
        lateral (
            values
            (
                was.service_id, was.environment_id, was.deployed_at, was.revision,
                was.deploy_source, was.deploy_id
            ),
            (
                here.service_id, here.environment_id, here.deployed_at, here.revision,
                here.deploy_source, here.deploy_id
            )
        ) as place (service_id, environment_id, happened_at, revision, cd_source, cd_id)
    where
        place.cd_id is not null
        and (was.deploy_id is null or (
            was.service_id, was.environment_id, was.deployed_at, was.revision, was.commits,
            was.listed, was.is_linked
        ) is distinct from (
            now.service_id, now.environment_id, now.deployed_at, now.revision, now.commits,
            now.listed, now.is_linked
        ))
    union all
    select
        mark.service_id, mark.environment_id, mark.deployed_at, mark.revision,
        mark.deploy_source, mark.deploy_id
    from unnest(shipping_places.stale) as key
    cross join
        lateral (
            select found.* from reached_steps as found
            where found.step_source = key.cd_source and found.step_id = key.cd_id
            offset 0
        ) as mark
    union all
    select
        known.service_id, known.environment_id, known.deployed_at, known.revision,
        known.deploy_source, known.deploy_id
    from unnest(shipping_places.moved) as name
    cross join
        lateral (
            select found.* from deployed_changes as found where found.commits @> array[name]
            union all
            select found.* from deployed_changes as found where found.listed @> array[name]
        ) as known
    union all
    select
        came.service_id, came.environment_id, came.deployed_at, came.revision,
        came.deploy_source, came.deploy_id
    from who_came_to(shipping_places.altered) as came
    where came.is_other
$$;
