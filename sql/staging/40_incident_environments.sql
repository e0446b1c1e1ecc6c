-- In which environments of a service the deployment is that an incident belongs to: in the one that
-- it names, if the service was ever deployed there; else, or where that was only assumed, in those
-- of the same tier, of production where that is unknown. Empty where there is none.
create or replace function incident_environments(
    service_id text, environment_id text, is_assumed boolean
) returns text[]
language plpgsql stable as $$
declare
    asked_tier constant text := coalesce(
        service_environment_tier(service_id, environment_id), 'production'
    );
begin
    if not is_assumed and exists (
        select from deployed_environments as deployed
        where
            deployed.service_id = incident_environments.service_id
            and deployed.environment_id = incident_environments.environment_id
    ) then
        return array[environment_id];
    end if;
    return array(
        select deployed.environment_id from deployed_environments as deployed
        where
            deployed.service_id = incident_environments.service_id
            and service_environment_tier(deployed.service_id, deployed.environment_id)
            = asked_tier
    );
end
$$;
