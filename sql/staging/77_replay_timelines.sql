-- Write timelines again from where service events stand or stood. Returns the deployments that
-- changed, as they were and as they are; the ids of rollouts that are part of another deployment
-- now, or take another one back; and services that come from other repositories now.
create or replace function replay_timelines(
    sources text[], ids text[], out changed changed_deployment[], out changed_rollouts text[],
    out moved_services text[]
)
language plpgsql as $$
declare
    starts timeline_start[] := array(
        select row(place.*)::timeline_start from timeline_starts(sources, ids) as place
    );
    forgotten timeline_rollout[] := forget_events(starts);
    was changed_deployment[] := '{}';
    events timeline_event[];
    event timeline_event;
    written record;
    joined changed_deployment[] := '{}';
    held held_target[] := '{}';
begin
    if forgotten is not null then
        was := array(
            select known_deployment(part.deploy_source, part.deploy_id)
            from unnest(forgotten) as part
            where part.deploy_id is not null
            group by part.deploy_source, part.deploy_id
        );
        perform forget_deployments(forgotten);
        perform forget_targets(starts);
    end if;

    events := array(
        select replayed from events_to_replay(
            sources || array(select part.cd_source from unnest(forgotten) as part),
            ids || array(select part.cd_id from unnest(forgotten) as part),
            starts
        ) as replayed
    );
    perform note_versions(events);
    foreach event in array events loop
        if (held[1].service_id, held[1].environment_id)
            is distinct from (event.service_id, event.environment_id)
        then
            perform save_targets(held);
            held := '{}';
        end if;
        select replayed.* into written from replay_event(event, held) as replayed;
        held := written.held;
        if (written.joined).deploy_id is not null then
            joined := joined || written.joined;
        end if;
    end loop;
    perform save_targets(held);
    -- What began only now was nothing before.
    was := was || array(
        select part
        from unnest(joined) as part
        inner join unnest(starts) as starting using (service_id, environment_id)
        inner join timeline as known
            on part.deploy_source = known.cd_source and part.deploy_id = known.cd_id
        where
            (known.happened_at, known.revision, known.cd_source, known.cd_id)
            < (starting.happened_at, starting.revision, starting.cd_source, starting.cd_id)
    );
    moved_services := note_repositories(events, array(
        select (part.cd_source, part.cd_id)::event_key from unnest(forgotten) as part
        where not exists (
            select from timeline as known
            where known.cd_source = part.cd_source and known.cd_id = part.cd_id
        )
    ));

    select found.changed, found.changed_rollouts into changed, changed_rollouts
    from changes_of_timelines(sources, ids, was, forgotten) as found;
end
$$;

comment on function replay_timelines is
'Write timelines again from where given service events stand or stood.';
