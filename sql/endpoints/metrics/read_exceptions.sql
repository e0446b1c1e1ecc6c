-- Where services whose production the catalog says are asked about otherwise than environments are:
-- one row per service and environment, with whether it is asked about.
-- :tiers text[]
select
    service.service_id,
    environment.environment_id,
    own.is_asked
from (select distinct service_id from catalog_production) as service
cross join (
    select environment_id from environments
    union
    select environment_id from catalog_production
) as environment
cross join
    lateral (
        select
            coalesce(
                service_environment_tier(service.service_id, environment.environment_id)
                = any(:tiers::text[]), false
            ) as is_asked
    ) as own
where
    own.is_asked
    is distinct from coalesce(
        environment_tier(environment.environment_id) = any(:tiers::text[]), false
    );
