-- The teams of services: one row per service that has one.
select service_id, team from known_services
where team is not null;
