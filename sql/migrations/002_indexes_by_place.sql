-- Questions find rows by the places that they are about: other indexes take the place of these.
do $$
begin
    if not take_migration(2, 'indexes_by_place') then return; end if;
    drop index if exists
        deployments_name, deployed_changes_time, deployed_changes_service,
        deployment_failures_time, deployment_failures_service, recoveries_time,
        deployment_reworks_time, deployment_reworks_service,
        shipped_changes_service, shipped_changes_time;
end
$$;
