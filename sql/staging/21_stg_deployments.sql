-- One row per deployment. Those of a service and environment are in the order of
-- (cd_timestamp, revision, cd_source, cd_id).
create or replace view stg_deployments as
select * from stg_service_events
where not is_restart;

alter view stg_deployments owner to dora_owner;
grant select on stg_deployments to dora_writer, dora_reader;

-- The deployment of an event, looked up by itself whatever the planner thinks of the tables' sizes.
create or replace function stg_deployment(source text, id text)
returns setof stg_deployments
language sql stable as $$
    select known.* from stg_deployments as known
    where known.cd_source = stg_deployment.source and known.cd_id = stg_deployment.id
    limit 1
$$;
