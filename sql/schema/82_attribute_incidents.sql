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
