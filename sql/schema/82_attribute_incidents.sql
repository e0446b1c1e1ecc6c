-- A deployment that the timeline had before events were applied, or has now; of those that changed.
do $$
begin
    if to_regtype('changed_deployment') is null then
        create type changed_deployment as (
            deploy_source text, deploy_id text, service_id text, environment_id text,
            deployed_at timestamptz, started_at timestamptz, completed_at timestamptz,
            is_rollback boolean, artifact text, digest text, tag_key text
        );
    end if;
end
$$;

-- Part of applying events: bring incidents, incident_openings and incident_deployments up to date,
-- and mark the deployments stale to which incidents were attributed or no longer are. All
-- deployments in `changed` are marked stale already.
-- sources, ids: the events of the log that are applied; changed: the deployments that they changed,
-- as they were and as they are; changed_rollouts: cd_id of the rollouts that may be part of another
-- deployment, or take another one back.
create or replace function attribute_incidents(
    sources text[], ids text[], changed changed_deployment[], changed_rollouts text[]
) returns void
language sql as $$
    select
$$;
