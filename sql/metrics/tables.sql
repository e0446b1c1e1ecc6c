-- One row: the tables that all metrics share and that are computed, in the order in which they were
-- computed: the catalog's, the timeline's, incidents', branches', and how far each is.
select '{
    catalog_services,catalog_aliases,catalog_repositories,catalog_production,
    catalog_environments,catalog_tiers,
    versions,timeline,timeline_deployments,timeline_targets,timeline_repositories,
    deployed_environments,attributed_tiers,
    incidents,incident_openings,incident_deployments,corrections,corrected_rollouts,
    steps,changes,stale_steps,stale_changes,
    processed_events,applied_events,stale_deployments
}'::text[];
