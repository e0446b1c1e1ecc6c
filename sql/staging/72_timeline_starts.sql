-- From where on timelines are written again when service events are applied: for each service and
-- environment the earliest place at which one of them stood, or stands now.
create or replace function timeline_starts(sources text[], ids text[])
returns setof timeline_start
language sql stable as $$
    with given as materialized (
        select listed.*
        from unnest(timeline_starts.sources, timeline_starts.ids) as listed (cd_source, cd_id)
    )

    select distinct on (place.service_id, place.environment_id) place.*
    from (
        select
            known.service_id, known.environment_id, known.happened_at, known.revision,
            known.cd_source, known.cd_id
        from given inner join timeline as known using (cd_source, cd_id)
        union all
        select
            named.service_id, named.environment_id, event.happened_at, event.revision,
            event.cd_source, event.cd_id
        from given
        inner join service_events as fact using (cd_source, cd_id)
        cross join lateral corrected_event(fact) as event
        cross join lateral resolved_names(
            event.service_name, event.service_names, event.cd_source, event.environment_name,
            event.assumed_environment
        ) as named
    ) as place
    order by
        place.service_id, place.environment_id, place.happened_at, place.revision,
        place.cd_source, place.cd_id
$$;

-- Service events to write into timelines, in their order. Of those that stood there before, only
-- what still belongs after a start: what does not has a new report, and comes when that is
-- applied.
create or replace function events_to_replay(sources text[], ids text[], starts timeline_start[])
returns setof timeline_event
language sql stable as $$
    select
        event.cd_source, event.cd_id, starting.service_id, starting.environment_id,
        event.happened_at, event.revision,
        case
            when event.started_at <= event.happened_at then event.started_at
            else event.happened_at
        end,
        event.is_unplanned, named.environment_name, event.uid,
        resolved_repository(event.repository_url), event.predicate, event.artifact,
        version.digest, event.tag_key, coalesce(version.commits, '{}'),
        coalesce(
            version.repositories, array_remove(array[resolved_repository(event.repository_url)], null)
        ),
        event.template_fingerprint
    from (
        select distinct listed.cd_source, listed.cd_id
        from unnest(events_to_replay.sources, events_to_replay.ids) as listed (cd_source, cd_id)
    ) as given
    inner join service_events as fact using (cd_source, cd_id)
    cross join lateral corrected_event(fact) as event
    cross join lateral resolved_names(
        event.service_name, event.service_names, event.cd_source, event.environment_name,
        event.assumed_environment
    ) as named
    inner join unnest(events_to_replay.starts) as starting
        on
            named.service_id = starting.service_id
            and named.environment_id = starting.environment_id
            and (event.happened_at, event.revision, event.cd_source, event.cd_id)
            >= (starting.happened_at, starting.revision, starting.cd_source, starting.cd_id)
    left join lateral version_of(event, starting.service_id) as version
        on event.predicate <> 'removed'
    order by
        starting.service_id, starting.environment_id, event.happened_at, event.revision,
        event.cd_source, event.cd_id
$$;
