-- The teams of services: one row per service that has one, by the catalog or else by its events.
select
    service_id,
    coalesce(said.team, told.team) as team
from services as told
full join catalog_services as said using (service_id)
where coalesce(said.team, told.team) is not null;
