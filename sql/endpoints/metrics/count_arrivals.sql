-- How many events ever came from each source, by what became of them, and how long ago the last
-- one did: one row per source, those of which something came last.
-- :most integer, rows
select
    arrived.source,
    extract(epoch from now() - max(arrived.last_at))::double precision as age_seconds,
    coalesce(sum(arrived.events) filter (
        where arrived.kept_in = 'cloudevents_raw' and arrived.type <> 'dev.dora.unknown'
    ), 0)::bigint as kept,
    coalesce(sum(arrived.events) filter (where arrived.type = 'dev.dora.unknown'), 0)::bigint
        as unknown,
    coalesce(sum(arrived.events) filter (where arrived.kept_in = 'cdevents_raw'), 0)::bigint
        as cdevent,
    coalesce(sum(arrived.events) filter (where arrived.kept_in = 'dead_letters'), 0)::bigint
        as refused
from arrivals as arrived
group by arrived.source
order by max(arrived.last_at) desc, arrived.source asc
limit :most::integer;
