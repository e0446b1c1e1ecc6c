-- Remember that a rebuild is done; one row, none if it was ended meanwhile.
-- :what text
delete from rebuilding.rebuilds
where what = :what::text
returning catalog_version;
