-- Take what renew_steps left for lead time to look at: steps; the names of changes that are taken
-- elsewhere, and of all that are others.
create or replace function take_stale_changes(
    out stale event_key[], out moved text[], out altered text[]
)
language plpgsql as $$
begin
    with taken as (
        delete from stale_steps
        returning step_source, step_id
    )

    select coalesce(array_agg(distinct (step_source, step_id)::event_key), '{}')
    into stale from taken;
    with taken as (
        delete from stale_changes
        returning repository_url, sha, is_moved
    ),

    named as (
        select repository_url || ' ' || sha as name, is_moved from taken
        union
        select known.url || ' ' || sha, true from taken
        cross join unnest(array_append(repository_urls(repository_url), '')) as known (url)
        where is_moved
    )

    select
        coalesce(array_agg(distinct name) filter (where is_moved), '{}'),
        coalesce(array_agg(distinct name), '{}')
    into moved, altered from named;
end
$$;

-- The latest deployment of a service and environment that lead time has looked at; or no row.
create or replace function latest_shipping(service_id text, environment_id text)
returns setof timeline_start
language sql stable as $$
    select
        known.service_id, known.environment_id, known.deployed_at, known.revision,
        known.deploy_source, known.deploy_id
    from deployed_changes as known
    where
        known.service_id = latest_shipping.service_id
        and known.environment_id = latest_shipping.environment_id
    order by
        known.deployed_at desc, known.revision desc, known.deploy_source desc, known.deploy_id desc
    limit 1
$$;

-- Lead time's own part of applying events: what deployments reach and ship, where they or what they
-- reach are others now. In order, a deployment costs what it is the first to reach; else those
-- after it in its service and environment are looked at again, too.
-- sources, ids: deployments that may be others, and keys of other events that wake lead time.
create or replace function ship(sources text[], ids text[]) returns void
language plpgsql as $$
declare
    given event_key[] := array(
        select (key.cd_source, key.cd_id)::event_key
        from unnest(sources, ids) as key (cd_source, cd_id)
    );
    changed record := take_stale_changes();
    beside event_key[] := array(
        select distinct (came.deploy_source, came.deploy_id)::event_key
        from who_came_to(changed.altered) as came
    );
    starts timeline_start[];
    untils timeline_start[];
    reached event_key[] := '{}';
begin
    with places as materialized (
        select * from shipping_places(given, changed.stale, changed.moved, changed.altered)
    ),

    started as (
        select distinct on (place.service_id, place.environment_id) place.*
        from places as place
        order by
            place.service_id, place.environment_id, place.happened_at, place.revision,
            place.cd_source, place.cd_id
    ),

    ended as (
        select distinct on (place.service_id, place.environment_id) place.*
        from (
            select * from places
            union all
            select latest.* from started
            cross join
                lateral latest_shipping(started.service_id, started.environment_id) as latest
        ) as place
        order by
            place.service_id, place.environment_id, place.happened_at desc, place.revision desc,
            place.cd_source desc, place.cd_id desc
    )

    select array_agg(started::timeline_start), array_agg(ended::timeline_start)
    into starts, untils
    from started
    inner join ended using (service_id, environment_id);
    for line in 1..coalesce(cardinality(starts), 0) loop
        perform forget_shipping(starts[line]);
    end loop;
    for line in 1..coalesce(cardinality(starts), 0) loop
        reached := reached || replay_shipping(starts[line], untils[line]);
        if cardinality(reached) >= 1000 then
            perform renew_shipped(reached);
            reached := '{}';
        end if;
    end loop;
    perform renew_shipped(array(
        select key::event_key from unnest(reached) as key
        union
        select key::event_key from unnest(beside) as key
    ));
end
$$;

comment on function ship is
'Bring what deployments reach and ship up to date; call under the lock of lead time.';
