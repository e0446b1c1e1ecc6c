-- Begin a rebuild.
select begin_rebuild('{deployment_reworks}');
