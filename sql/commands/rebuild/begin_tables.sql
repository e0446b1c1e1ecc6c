-- Make empty tables to fill beside those that are served; those of the catalog have its rows.
-- :tables text[], names
select begin_rebuild(:tables::text[]);
