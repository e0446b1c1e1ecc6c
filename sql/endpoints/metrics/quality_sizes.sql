-- How large what is kept is, with its indexes: one row per table that grows with what comes, and
-- one for all that is computed of it. How many rows there are is PostgreSQL's estimate.
with kept as (
    select
        case
            when known.relname in (
                'cloudevents_raw', 'cloudevents_replaced', 'cdevents_raw', 'cdevents_replaced',
                'dead_letters'
            ) then known.relname::text
            else 'computed'
        end as kept_in,
        known.oid as kept_oid,
        known.reltuples
    from pg_class as known
    where known.relnamespace = 'public'::regnamespace and known.relkind = 'r'
)

select
    kept.kept_in,
    sum(pg_total_relation_size(kept.kept_oid))::bigint as bytes,
    sum(greatest(kept.reltuples, 0))::bigint as rows
from kept
group by kept.kept_in
order by sum(pg_total_relation_size(kept.kept_oid)) desc, kept.kept_in;
