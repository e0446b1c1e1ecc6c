-- Remember that a rebuild is done; the next one begins anew.
-- :metric text
delete from rebuilding.rebuilds
where metric = :metric::text;
