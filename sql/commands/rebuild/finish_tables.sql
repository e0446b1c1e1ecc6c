-- Put the rows that were made in the place of those that are served.
-- :tables text[], names
select finish_rebuild(:tables::text[]);
