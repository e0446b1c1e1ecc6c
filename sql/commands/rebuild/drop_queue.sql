-- Forget the queue of a rebuild of all.
select drop_rebuilt('{processed_events, stale_deployments}');
