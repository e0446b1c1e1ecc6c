-- Finish a rebuild.
select finish_rebuild('{recoveries}');
