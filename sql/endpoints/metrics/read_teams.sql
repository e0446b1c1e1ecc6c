-- The teams of services: a JSON object with the team of each service that has one.
select coalesce(jsonb_object_agg(service_id, team), '{}') as teams
from known_services
where team is not null;
