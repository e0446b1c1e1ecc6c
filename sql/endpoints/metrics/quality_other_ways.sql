-- Sources of whose events two ways said different things: one row per source and way whose word did
-- not hold, with the way that held and the newest such event.
-- :from inclusive, :to exclusive, of the report; :most integer, rows
with lost as (
    select
        lost.cd_source as source,
        lost.cd_id as id,
        lost.way,
        kept.way as kept_way,
        lost.replaced_at
    from cdevents_replaced as lost
    inner join cdevents_raw as kept using (cd_source, cd_id)
    where lost.way <> kept.way and lost.content <> kept.content
    union
    select
        lost.ce_source as source,
        lost.ce_id as id,
        lost.way,
        kept.way as kept_way,
        lost.replaced_at
    from cloudevents_replaced as lost
    inner join cloudevents_raw as kept using (ce_source, ce_id)
    where lost.way <> kept.way and lost.content - 'time' <> kept.content - 'time'
)

select
    null as service,
    lost.source,
    lost.way,
    lost.kept_way,
    (array_agg(lost.id order by lost.replaced_at desc))[1] as example,
    count(distinct lost.id) as count,
    count(*) over () as total
from lost
where
    lost.replaced_at >= :from::timestamptz
    and lost.replaced_at < :to::timestamptz
group by lost.source, lost.way, lost.kept_way
order by count(distinct lost.id) desc, lost.source, lost.way asc
limit :most::integer;
