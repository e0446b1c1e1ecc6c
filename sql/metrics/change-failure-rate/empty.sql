-- Begin a rebuild.
delete from deployment_failures;
