-- Finish a rebuild.
select finish_rebuild('{deployment_failures}');
