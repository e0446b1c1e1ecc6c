-- Begin a rebuild.
select begin_rebuild('{deployed_changes,shipped_changes}');
