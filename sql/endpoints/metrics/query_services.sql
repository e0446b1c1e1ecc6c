-- The services that are known, by name: one row each.
-- :services text[], or null for all; :cursor_name of the row before, or null; :page_size integer,
-- or null for all
select
    service.service_id as service,
    service.team,
    (
        select coalesce(array_agg(known.repository_url order by known.repository_url), '{}')
        from known_repositories as known
        where known.service_id = service.service_id
    ) as repositories,
    (
        select
            coalesce(
                jsonb_agg(
                    jsonb_build_object('environment', known.environment_id, 'tier', known.tier)
                    order by known.environment_id
                ), '[]'
            )
        from deployed_environments as known
        where known.service_id = service.service_id
    ) as environments,
    service.named_at
from known_services as service
where
    (:services::text[] is null or service.service_id = any(:services::text[]))
    and (:cursor_name::text is null or service.service_id > :cursor_name::text)
order by service.service_id
limit :page_size::integer;
