-- Delete events, and what stands beside the log of them, and take them off the counts of what
-- arrived; what is computed of the log is to be made anew then. One row: how many events the log
-- lost, and from how many counts something was taken off.
-- :sources, :ids text[]
with given as materialized (
    select distinct unnest(:sources::text[]) as source, unnest(:ids::text[]) as id
),

raw as (
    delete from cloudevents_raw as event using given
    where event.ce_source = given.source and event.ce_id = given.id
    returning event.ce_source as source, event.ce_type as type, event.received_at as arrived_at
),

replaced as (
    delete from cloudevents_replaced as event using given
    where event.ce_source = given.source and event.ce_id = given.id
),

letters as (
    delete from dead_letters as event using given
    where event.ce_source = given.source and event.ce_id = given.id
),

other_reports as (
    delete from cdevents_replaced as event using given
    where
        (event.cd_source = given.source and event.cd_id = given.id)
        or event.cause = given.source || ' ' || given.id
),

forgotten as (
    delete from cdevents_raw as event using given
    where event.cd_source = given.source and event.cd_id = given.id
    returning
        event.cd_source as source,
        event.cd_type as type,
        event.recorded_at as arrived_at,
        event.cd_timestamp > event.recorded_at + interval '1 minute' as is_ahead
),

gone as (
    select 'cloudevents_raw' as kept_in, raw.source, raw.type, raw.arrived_at, false as is_ahead
    from raw
    union all
    select
        'cdevents_raw' as kept_in,
        forgotten.source,
        forgotten.type,
        forgotten.arrived_at,
        forgotten.is_ahead
    from forgotten
),

-- Refusals stay counted: they happened, and a count says nothing of what was refused.
-- PostgreSQL runs this for the sake of the count below alone.
taken_off as (
    select
        note_arrivals(
            gone.kept_in, gone.source, gone.type, max(gone.arrived_at), -count(*),
            -count(*) filter (where gone.is_ahead)
        )
    from gone
    group by
        gone.kept_in, gone.source, gone.type, (gone.arrived_at at time zone 'UTC')::date
)

select
    (select count(*) from forgotten) as forgotten,
    (select count(*) from taken_off) as taken_off;
