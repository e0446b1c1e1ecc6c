-- The services that were ever deployed to where is asked about, by name: one row each, with how
-- many there are in all.
-- :cursor_name of the row before, or null; :page_size integer; the other parameters:
-- sql/staging/50_asked.sql
select
    service_id as service,
    total
from (
    select
        place.service_id,
        count(*) over () as total
    from
        asked_places(
            :services::text[], :environments::text[], :tiers::text[], null, null
        ) as place
    group by place.service_id
) as known
where :cursor_name::text is null or service_id > :cursor_name::text
order by service_id
limit :page_size::integer;
