-- Remember that a replay is done; the next one of the same arguments begins anew.
-- :arguments text
update replays
set finished_at = now()
where arguments = :arguments::text;
