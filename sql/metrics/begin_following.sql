-- Let a metric follow the timeline: from now on it learns which deployments change, and first it
-- looks at all of them. Call under the lock timeline.
-- :metric text
with begun as (
    insert into processed_events (consumer) values (:metric::text)
    on conflict (consumer) do nothing
    returning consumer
)

insert into stale_deployments (metric, deploy_source, deploy_id)
select begun.consumer, known.deploy_source, known.deploy_id
from begun
cross join timeline_deployments as known
order by
    known.service_id, known.environment_id, known.deployed_at, known.revision,
    known.deploy_source, known.deploy_id;
