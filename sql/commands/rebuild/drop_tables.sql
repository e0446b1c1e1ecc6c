-- Drop tables that were filled.
-- :tables text[], names
select drop_rebuilt(:tables::text[]);
