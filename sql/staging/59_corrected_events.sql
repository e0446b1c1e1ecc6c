-- A service event with what persons say in place of what it says itself.
create or replace function corrected_event(event service_events) returns setof service_events
language sql stable as $$
    select (corrected_event.event).*
    where not exists (
        select from correction_events as known
        where known.id = (corrected_event.event).cd_id and known.kind = 'deployment'
    )
    union all
    select (jsonb_populate_record(corrected_event.event, jsonb_strip_nulls(jsonb_build_object(
        'service_name', said.service_name, 'commit_name', said.commit_name,
        'repository_url', said.repository_url
    )) || case
        when said.service_name is not null then '{"service_names": null}'::jsonb else '{}'
    end)).*
    from corrected(
        'deployment', array[(corrected_event.event).cd_source],
        array[(corrected_event.event).cd_id]
    ) as said
    where exists (
        select from correction_events as known
        where known.id = (corrected_event.event).cd_id and known.kind = 'deployment'
    )
$$;

comment on function corrected_event is
'A service event with what persons say in place of what it says itself.';

-- The service events of which given corrections say anything, or said in an earlier report.
create or replace function corrected_service_events(sources text[], ids text[])
returns table (cd_source text, cd_id text)
language sql stable as $$
    select event.cd_source, event.cd_id
    from applied_corrections(
        corrected_service_events.sources, corrected_service_events.ids, '{}'
    ) as correction
    cross join lateral (
        select known.cd_source, known.cd_id from service_events as known
        where
            known.cd_id = correction.id
            and (correction.source is null or known.cd_source = correction.source)
        -- Keeps it a look-up.
        offset 0
    ) as event
    where correction.kind = 'deployment'
$$;

-- Let corrected service events be found by what persons say that they deployed.
create or replace function note_corrected_keys(sources text[], ids text[]) returns void
language plpgsql as $$
begin
    insert into version_keys
    select key.*
    from unnest(sources, ids) as given (cd_source, cd_id)
    inner join service_events as fact using (cd_source, cd_id)
    inner join correction_events as correction on given.cd_id = correction.id
    cross join lateral corrected_event(fact) as event
    cross join lateral service_keys(event) as key
    where correction.kind = 'deployment'
    on conflict do nothing;
end
$$;
