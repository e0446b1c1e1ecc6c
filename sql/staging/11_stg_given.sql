-- The tellings of the events that a metric is given, by their sources and ids.
create or replace function stg_given(sources text[], ids text[])
returns setof stg_tellings
language sql stable as $$
    select telling.*
    from unnest(stg_given.sources, stg_given.ids) as given (cd_source, cd_id)
    inner join stg_tellings as telling using (cd_source, cd_id)
$$;

-- All tellings of the incidents that given events tell of.
create or replace function stg_incident_tellings(sources text[], ids text[])
returns setof stg_tellings
language sql stable as $$
    select distinct telling.*
    from stg_given(stg_incident_tellings.sources, stg_incident_tellings.ids) as given
    inner join stg_tellings as telling using (cd_source, cd_subject_id)
    where given.cd_subject = 'incident' and telling.cd_subject = 'incident'
$$;
