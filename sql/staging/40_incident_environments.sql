-- In which environments of a service the deployment is that an incident belongs to: in the one that
-- it tells, if the service was ever deployed there; else in those of the same tier, of production
-- where that is unknown or the environment was only assumed. Empty where there is none.
create or replace function incident_environments(
    service_id text, environment_id text, is_assumed boolean
) returns text[]
language plpgsql stable as $$
declare
    asked_tier text := 'production';
begin
    if not is_assumed then
        if exists (
            select from deployed_environments as deployed
            where
                deployed.service_id = incident_environments.service_id
                and deployed.environment_id = incident_environments.environment_id
        ) then
            return array[environment_id];
        end if;
        asked_tier := coalesce(service_environment_tier(service_id, environment_id), asked_tier);
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
