-- Until the transaction ends, nobody else writes what is called so: the timeline, or the tables of
-- a metric. Of the schema in which the names mean them, which stays there for so long. No row where
-- somebody else made the lock's row at this moment: ask again.
-- :locked text
with named as materialized (
    select
        concat_ws(' ', (
            select held.relnamespace::regnamespace::text from pg_class as held
            where held.oid = 'timeline'::regclass
        ), :locked::text) as name
    where
        not exists (
            select from timeline
            where false
        )
),

made as (
    insert into locks (name)
    select named.name from named
    where
        not exists (
            select from locks as known
            where known.name = named.name
        )
    on conflict (name) do nothing
    returning name
),

taken as (
    select known.name from locks as known
    where known.name = (select named.name from named)
    for update
)

select made.name from made
union all
select taken.name from taken;
