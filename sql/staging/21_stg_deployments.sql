-- One row per deployment. Those of a service and environment are in the order of
-- (cd_timestamp, revision, cd_source, cd_id).
create or replace view stg_deployments as
select * from stg_service_events
where not is_restart;

alter view stg_deployments owner to dora_owner;
grant select on stg_deployments to dora_writer, dora_reader;
