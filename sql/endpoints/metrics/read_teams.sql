-- What the events tell of teams: one row per service.
select service_id, team from services;
