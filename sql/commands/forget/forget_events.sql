-- Delete events, and what stands beside the log of them; what is computed of the log is to be made
-- anew then. One row: how many events the log lost.
-- :sources, :ids text[]
with given as materialized (
    select distinct unnest(:sources::text[]) as source, unnest(:ids::text[]) as id
),

raw as (
    delete from cloudevents_raw as event using given
    where event.ce_source = given.source and event.ce_id = given.id
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
    returning 1 as one
)

select count(*) from forgotten;
