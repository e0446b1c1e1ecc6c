-- Remember that a rebuild is done; the next one begins anew.
-- :what text
delete from rebuilding.rebuilds
where what = :what::text;
