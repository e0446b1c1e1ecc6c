-- The deployments that count, as persons correct them: one row per deployment.
create or replace view counted_deployments as
select
    deployment.deploy_source,
    deployment.deploy_id,
    deployment.service_id,
    deployment.environment_id,
    deployment.deployed_at,
    deployment.revision,
    deployment.predicate,
    deployment.artifact,
    deployment.is_rollback,
    coalesce(correction.unplanned, deployment.is_unplanned) as is_unplanned,
    correction.failed as corrected_failed
from timeline_deployments as deployment
left join corrections as correction
    on
        correction.kind = 'deployment'
        and deployment.deploy_source = correction.source
        and deployment.deploy_id = correction.id
where coalesce(correction.counts, true);

comment on view counted_deployments is
'The deployments that count, as persons correct them: one row each.';

alter view counted_deployments owner to dora_owner;
grant select on counted_deployments to dora_writer, dora_reader;
