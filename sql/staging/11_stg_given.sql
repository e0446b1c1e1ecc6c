-- The tellings of the events that a metric is given: of one event, or of those in a span of log.
create or replace function stg_given(source text, id text, after bigint, until bigint)
returns setof stg_tellings
language sql stable as $$
    with given as (
        select event.cd_source, event.cd_id from cdevents_raw as event
        where event.cd_source = stg_given.source and event.cd_id = stg_given.id
        union all
        select event.cd_source, event.cd_id from cdevents_raw as event
        where event.seq > stg_given.after and event.seq <= stg_given.until
    )

    select telling.*
    from given
    inner join stg_tellings as telling using (cd_source, cd_id)
$$;
