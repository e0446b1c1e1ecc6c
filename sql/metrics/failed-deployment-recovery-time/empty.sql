-- Begin a rebuild.
delete from recoveries;
