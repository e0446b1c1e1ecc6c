-- Apply events of the log: bring steps, timelines and incidents up to date with them, and mark the
-- deployments stale that changed. Nobody else may do so meanwhile.
create or replace function advance(sources text[], ids text[]) returns void
language plpgsql as $$
declare
    due record;
    replayed record;
    changed changed_deployment[] := '{}';
    changed_rollouts text[] := '{}';
begin
    perform renew_steps(sources, ids);
    select array_agg(found.cd_source) as sources, array_agg(found.cd_id) as ids into due
    from (
        select event.cd_source, event.cd_id
        from unnest(sources, ids) as event (cd_source, cd_id)
        where
            exists (
                select from service_events as fact
                where fact.cd_source = event.cd_source and fact.cd_id = event.cd_id
            )
            or exists (
                select from timeline as known
                where known.cd_source = event.cd_source and known.cd_id = event.cd_id
            )
        union
        select corrected.cd_source, corrected.cd_id
        from corrected_service_events(sources, ids) as corrected
        union
        select affected.cd_source, affected.cd_id
        from affected_service_events(sources, ids) as affected
        union
        select renamed.cd_source, renamed.cd_id from renamed_events(sources, ids) as renamed
    ) as found;

    perform note_corrected_keys(due.sources, due.ids);
    while due.ids is not null loop
        select found.* into replayed from replay_timelines(due.sources, due.ids) as found;
        changed := changed || replayed.changed;
        changed_rollouts := changed_rollouts || replayed.changed_rollouts;
        exit when replayed.moved_services = '{}';
        -- A tag may be a commit of a repository that was not the service's before.
        select array_agg(tagged.cd_source) as sources, array_agg(tagged.cd_id) as ids into due
        from retagged_events(replayed.moved_services) as tagged;
    end loop;
    perform attribute_incidents(sources, ids, changed, changed_rollouts);
end
$$;

comment on function advance is
'Apply events of the log to all that metrics share; call under the lock timeline.';
