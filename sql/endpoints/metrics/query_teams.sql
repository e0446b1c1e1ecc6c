-- The teams that are known, by name: one row each.
-- :services text[], or null for all; :cursor_name of the row before, or null; :page_size integer,
-- or null for all
select
    team,
    array_agg(service_id order by service_id) as services
from known_services
where
    team is not null
    and (:services::text[] is null or service_id = any(:services::text[]))
    and (:cursor_name::text is null or team > :cursor_name::text)
group by team
order by team
limit :page_size::integer;
