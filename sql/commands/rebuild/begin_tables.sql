-- Make empty tables to fill beside those that are served.
-- :tables text[], names of a metric's tables
select begin_rebuild(:tables::text[]);
