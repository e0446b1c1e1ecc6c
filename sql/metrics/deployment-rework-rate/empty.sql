-- Begin a rebuild.
delete from deployment_reworks;
