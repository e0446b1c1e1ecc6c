-- One row: the last place of the next batch, or null when there is none.
-- :after, :decided bigint; :size integer, events
select max(batch.seq)
from (
    select event.seq from cdevents_raw as event
    where event.seq > :after::bigint and event.seq <= :decided::bigint
    order by event.seq
    limit :size::integer
) as batch;
