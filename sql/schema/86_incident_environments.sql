-- In which environments of a service the deployment is that an incident belongs to: in the one that
-- it tells, if the service was ever deployed there; else in those of the same tier, of production
-- where that is unknown or the environment was only assumed. None for a service that never was
-- deployed in any.
create or replace function incident_environments(
    service_id text, environment_id text, is_assumed boolean
) returns text[]
language sql stable as $$
    with told as (
        select deployed.environment_id from deployed_environments as deployed
        where
            deployed.service_id = incident_environments.service_id
            and deployed.environment_id = incident_environments.environment_id
            and not incident_environments.is_assumed
    )

    select array_agg(found.environment_id)
    from (
        select told.environment_id from told
        union all
        select deployed.environment_id from deployed_environments as deployed
        where
            deployed.service_id = incident_environments.service_id
            and not exists (select from told)
            and service_environment_tier(
                incident_environments.service_id, deployed.environment_id
            ) = case
                when incident_environments.is_assumed then 'production'
                else coalesce(service_environment_tier(
                    incident_environments.service_id, incident_environments.environment_id
                ), 'production')
            end
    ) as found
$$;
