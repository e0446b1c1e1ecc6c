-- One row: the metric's tables, which a rebuild makes anew.
select '{deployed_changes,shipped_changes}'::text[];
