-- How many deployments name no known change, how many there were, and how far it is known what the
-- others shipped: one row per group.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with deployed as (
    select
        asked_group(:group_by::text, service_id, environment_id, :teams::jsonb) as group_name,
        is_linked, gaps, incomplete_pushes, contradictions
    from deployed_changes
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and is_asked(
            service_id, environment_id, :services::text[], :environments::text[], :exceptions::jsonb
        )
)

select
    group_name,
    count(*) filter (where not is_linked) as unlinked,
    count(*) as deployments_count,
    sum(gaps) as gaps,
    sum(incomplete_pushes) as incomplete_pushes,
    sum(contradictions) as contradictions
from deployed
group by group_name;
