-- From where on timelines have to be looked at again: of deployments, their old and their new places
-- where they differ in what matters here; of steps, who reached them; of moved changes, who names
-- them; of others, whom they contradict no longer, or now.
create or replace function shipping_starts(
    deployments event_key[], stale event_key[], moved text[], altered text[]
)
returns setof timeline_start
language sql stable as $$
    select distinct on (start.service_id, start.environment_id) start.*
    from (
        select place.*
        from unnest(shipping_starts.deployments) as key
        left join lateral deployment_of(key.cd_source, key.cd_id) as was on true
        left join lateral deployed_change(key.cd_source, key.cd_id) as now on true
        cross join
            lateral (
                values
                (
                    was.service_id, was.environment_id, was.deployed_at, was.revision,
                    was.deploy_source, was.deploy_id
                ),
                (
                    now.service_id, now.environment_id, now.deployed_at, now.revision,
                    now.deploy_source, now.deploy_id
                )
            ) as place (service_id, environment_id, happened_at, revision, cd_source, cd_id)
        where
            place.cd_id is not null
            and (
                was.service_id, was.environment_id, was.deployed_at, was.revision, was.commits,
                was.listed, was.is_linked
            ) is distinct from (
                now.service_id, now.environment_id, now.deployed_at, now.revision, now.commits,
                now.listed, now.is_linked
            )
        union all
        select
            mark.service_id, mark.environment_id, mark.deployed_at, mark.revision,
            mark.deploy_source, mark.deploy_id
        from unnest(shipping_starts.stale) as key
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
        from unnest(shipping_starts.moved) as name
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
        from who_came_to(shipping_starts.altered) as came
        where came.is_other
    ) as start
    order by
        start.service_id, start.environment_id, start.happened_at, start.revision,
        start.cd_source, start.cd_id
$$;

-- Lead time's own part of applying events: what deployments reach and ship, where they or what they
-- reach are others now. In order, a deployment costs what it is the first to reach.
-- sources, ids: deployments that may be others, and keys of other events that wake lead time; what
-- these left in stale_steps and stale_changes is looked at, too.
create or replace function ship(sources text[], ids text[]) returns void
language plpgsql as $$
declare
    deployments event_key[] := array(
        select (key.cd_source, key.cd_id)::event_key
        from unnest(sources, ids) as key (cd_source, cd_id)
    );
    stale event_key[];
    moved text[];
    altered text[];
    beside event_key[];
    starts timeline_start[];
    start timeline_start;
begin
    with taken as (delete from stale_steps returning step_source, step_id)

    select coalesce(array_agg(distinct (step_source, step_id)::event_key), '{}')
    into stale from taken;
    with taken as (delete from stale_changes returning repository_url, sha, is_moved),

    named as (
        select repository_url || ' ' || sha as name, is_moved from taken
        union
        select ' ' || sha, true from taken where is_moved
    )

    select
        coalesce(array_agg(distinct name) filter (where is_moved), '{}'),
        coalesce(array_agg(distinct name), '{}')
    into moved, altered from named;
    beside := array(
        select distinct (came.deploy_source, came.deploy_id)::event_key
        from who_came_to(altered) as came
    );
    starts := array(
        select place::timeline_start
        from shipping_starts(deployments, stale, moved, altered) as place
    );
    foreach start in array starts loop
        perform forget_shipping(start);
    end loop;
    foreach start in array starts loop
        perform replay_shipping(start);
    end loop;
    perform renew_shipped(beside);
end
$$;
