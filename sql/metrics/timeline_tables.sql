-- One row: the tables that all metrics share, which a rebuild of all makes anew.
select '{
    timeline, timeline_deployments, timeline_targets, timeline_repositories, incidents,
    incident_openings, incident_deployments, steps
}'::text[];
