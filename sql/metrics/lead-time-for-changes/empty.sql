-- Begin a rebuild.
with gone as (delete from shipped_changes)

delete from deployed_changes;
