-- Begin a rebuild.
delete from deployments;
