-- One row: up to which place of the log a rebuild is begun, and how many events and deployments it
-- has done; no row if there is none. It is for us alone until the transaction ends, and until then
-- tables' names mean those that it fills.
-- :what text
select
    rebuild.seq,
    rebuild.done_count
from rebuilding.rebuilds as rebuild
cross join (select set_config('search_path', 'rebuilding, public', true)) as named
where rebuild.what = :what::text
for update of rebuild;
