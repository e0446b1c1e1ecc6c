-- Delete a batch of what is older than a time and no longer needed: one row per table, with how
-- many.
-- :before timestamptz; :most integer, of each table
select
    old.kept_in,
    old.events
from prune_events(:before::timestamptz, :most::integer) as old;
