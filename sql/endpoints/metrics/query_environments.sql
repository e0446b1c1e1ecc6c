-- The environments to which services were ever deployed, by name: one row each.
-- :environments, :tiers text[], or null for all; :cursor_name of the row before, or null;
-- :page_size integer, or null for all
select
    known.environment_id as environment,
    known.tier,
    known.services
from (
    select
        place.environment_id,
        environment_tier(place.environment_id) as tier,
        array_agg(place.service_id order by place.service_id) as services
    from deployed_environments as place
    where
        (:environments::text[] is null or place.environment_id = any(:environments::text[]))
        and (:cursor_name::text is null or place.environment_id > :cursor_name::text)
    group by place.environment_id
) as known
where :tiers::text[] is null or known.tier = any(:tiers::text[])
order by known.environment_id
limit :page_size::integer;
