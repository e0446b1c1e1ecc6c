-- Count the CDEvents that a statement adds to the log; in one order, so that nobody waits in a
-- circle.
create or replace function cdevents_raw_count() returns trigger
language plpgsql as $$
begin
    perform note_arrivals(
        'cdevents_raw', made.source, made.type, made.last_at, made.events, made.events_ahead,
        made.most_seconds_ahead
    )
    from (
        select
            event.cd_source as source, event.cd_type as type, max(event.recorded_at) as last_at,
            count(*) as events,
            count(*) filter (where ahead.seconds > 60) as events_ahead,
            coalesce(max(ahead.seconds) filter (where ahead.seconds > 60), 0)
                as most_seconds_ahead
        from arrived as event
        cross join lateral (
            select extract(epoch from event.cd_timestamp - event.recorded_at)::double precision
                as seconds
        ) as ahead
        group by event.cd_source, event.cd_type
        order by event.cd_source, event.cd_type
    ) as made;
    return null;
end
$$;

create or replace trigger cdevents_raw_count
after insert on cdevents_raw referencing new table as arrived
for each statement execute function cdevents_raw_count();

-- Of what was kept before there was such a count.
do $$
begin
    if exists (select from arrivals where kept_in = 'cdevents_raw') then return; end if;
    perform note_arrivals(
        'cdevents_raw', event.cd_source, event.cd_type, max(event.recorded_at), count(*)
    )
    from cdevents_raw as event
    group by event.cd_source, event.cd_type, (event.recorded_at at time zone 'UTC')::date;
end
$$;
