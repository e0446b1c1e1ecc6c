-- Finish a rebuild.
select finish_rebuild('{deployed_changes,shipped_changes}');
