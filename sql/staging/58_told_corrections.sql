-- What is said by corrections that are applied, or was by what they took the place of; and what was
-- said already of rollouts that changed and of incidents of which events are applied.
create or replace function told_corrections(sources text[], ids text[], changed_rollouts text[])
returns table (kind text, source text, id text)
language sql stable as $$
    select event.kind, event.source, event.id
    from unnest(told_corrections.sources, told_corrections.ids) as given (cd_source, cd_id)
    inner join correction_events as event using (cd_source, cd_id)
    union
    select former.*
    from unnest(told_corrections.sources, told_corrections.ids) as given (cd_source, cd_id)
    inner join cdevents_replaced as replaced using (cd_source, cd_id)
    cross join lateral told_correction(replaced.cd_type, replaced.content) as former
    union
    select event.kind, event.source, event.id
    from unnest(told_corrections.changed_rollouts) as rollout (id)
    cross join lateral (
        select known.kind, known.source, known.id from correction_events as known
        where known.id = rollout.id and known.kind = 'deployment'
        offset 0
    ) as event
    union
    select event.kind, event.source, event.id
    from unnest(told_corrections.sources, told_corrections.ids) as given (cd_source, cd_id)
    inner join incident_events as incident using (cd_source, cd_id)
    cross join lateral (
        select known.kind, known.source, known.id from correction_events as known
        where known.id = incident.incident_id and known.kind = 'incident'
        offset 0
    ) as event
$$;
