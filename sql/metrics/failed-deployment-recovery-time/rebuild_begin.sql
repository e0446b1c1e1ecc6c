-- Begin a rebuild.
select begin_rebuild('{recoveries}');
