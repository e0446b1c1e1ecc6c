-- Until the transaction ends, nobody else writes what is served and called so: the timeline, or the
-- tables of a metric. No row where somebody else made the lock's row at this moment: ask again.
-- :locked text
with named as materialized (
    select concat_ws(' ', 'public', :locked::text) as name
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
