-- As shipping_places, of each deployment, step and change by itself: those that cannot be looked at
-- are set aside.
create or replace function careful_places(
    deployments event_key[], stale event_key[], moved text[], altered text[]
)
returns setof timeline_start
language plpgsql as $$
declare
    asked record;
begin
    for asked in
        select
            key.cd_source, key.cd_id, array[key] as deployments, '{}'::event_key[] as steps,
            null as name
        from unnest(deployments) as key
        union all
        select key.cd_source, key.cd_id, '{}', array[key], null from unnest(stale) as key
        union all
        select coalesce(change.step_source, ''), coalesce(change.step_id, name), '{}', '{}', name
        from unnest(altered) as name
        left join lateral change_of(
            left(name, strpos(name, ' ') - 1), split_part(name, ' ', -1)
        ) as change on true
    loop
        begin
            return query
            select * from shipping_places(
                asked.deployments, asked.steps,
                array(select asked.name where asked.name = any(moved)),
                array_remove(array[asked.name], null)
            );
        exception
            when data_exception or integrity_constraint_violation or program_limit_exceeded
                or raise_exception or cardinality_violation then
                perform quarantine(
                    'lead-time-for-changes', asked.cd_source, asked.cd_id, sqlerrm
                );
        end;
    end loop;
end
$$;

-- As reach and renew_shipped, of one deployment: one of which it cannot be found what it reaches or
-- ships is set aside, and lead time alone lacks it.
create or replace function ship_one(source text, id text) returns void
language plpgsql as $$
begin
    delete from deployed_changes where deploy_source = source and deploy_id = id;
    delete from reached_steps where deploy_source = source and deploy_id = id;
    declare
        deployment deployed_changes;
    begin
        insert into deployed_changes
        select known.* from deployed_change(source, id) as known
        returning * into deployment;
        if deployment.deploy_id is not null then
            perform reach(deployment);
        end if;
        perform renew_shipped(array[(source, id)::event_key]);
    exception
        when data_exception or integrity_constraint_violation or program_limit_exceeded
            or raise_exception or cardinality_violation then
            delete from shipped_changes where deploy_source = source and deploy_id = id;
            perform quarantine('lead-time-for-changes', source, id, sqlerrm);
    end;
end
$$;

-- As ship, one after the other, for what could not be shipped so: only what is wrong itself is set
-- aside, be it one of the deployments that were given, one after them, or a change.
create or replace function ship_carefully(sources text[], ids text[]) returns void
language plpgsql as $$
declare
    changed record := take_stale_changes();
    start timeline_start;
    next record;
begin
    for start in
        select distinct on (place.service_id, place.environment_id) place.*
        from careful_places(
            array(
                select (key.cd_source, key.cd_id)::event_key
                from unnest(sources, ids) as key (cd_source, cd_id)
            ),
            changed.stale, changed.moved, changed.altered
        ) as place
        order by
            place.service_id, place.environment_id, place.happened_at, place.revision,
            place.cd_source, place.cd_id
    loop
        perform forget_shipping(start);
        for next in
            select known.deploy_source, known.deploy_id from timeline_deployments as known
            where
                (known.service_id, known.environment_id) = (start.service_id, start.environment_id)
                and (known.deployed_at, known.revision, known.deploy_source, known.deploy_id)
                >= (start.happened_at, start.revision, start.cd_source, start.cd_id)
            order by known.deployed_at, known.revision, known.deploy_source, known.deploy_id
        loop
            perform ship_one(next.deploy_source, next.deploy_id);
        end loop;
    end loop;
end
$$;

comment on function ship_carefully is
'As ship, but what is wrong is set aside; call under the lock of lead time.';
