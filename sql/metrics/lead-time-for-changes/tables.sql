-- One row: the metric's tables, which a rebuild makes anew.
select '{deployed_changes,reached_steps,shipped_changes}'::text[];
