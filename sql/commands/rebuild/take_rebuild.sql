-- One row: the place in the log up to which a rebuild is, and how many events that was; no row if
-- there is none. It is for us alone until the transaction ends, and until then tables' names mean
-- those that it fills.
-- :metric text
select
    rebuild.seq,
    rebuild.done_count
from rebuilding.rebuilds as rebuild
cross join (select set_config('search_path', 'rebuilding, public', true)) as named
where rebuild.metric = :metric::text
for update of rebuild;
