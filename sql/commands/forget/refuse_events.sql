-- Let events come again no more, or, if they were refused until now, let them come again.
-- :sources, :ids text[]; :refuse boolean
with given as materialized (
    select distinct event_digest(unnest(:sources::text[]), unnest(:ids::text[])) as event_digest
),

accepted as (
    delete from forgotten_events as forgotten using given
    where not :refuse::boolean and forgotten.event_digest = given.event_digest
)

insert into forgotten_events (event_digest)
select given.event_digest from given
where :refuse::boolean
on conflict (event_digest) do nothing;
