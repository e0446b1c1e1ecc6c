-- How many events are older than a time and no longer needed: one row per table.
-- :before timestamptz
select
    old.kept_in,
    old.events
from count_prunable(:before::timestamptz) as old;
