-- How many deployments there were, how many of them name no known change, and what is not known of
-- those that do: one row per group.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
select
    asked.group_name,
    counted.*
from
    asked_groups(
        :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb
    ) as asked
cross join lateral (
    select
        count(*) as deployments_count,
        count(*) filter (where not deployed.is_linked) as unlinked,
        sum(deployed.gaps)::bigint as gaps,
        sum(deployed.contradictions)::bigint as contradictions,
        sum(deployed.incomplete_pushes)::bigint as incomplete_pushes
    from unnest(asked.service_ids, asked.environment_ids) as place (service_id, environment_id)
    inner join deployed_changes as deployed using (service_id, environment_id)
    where
        deployed.deployed_at >= :from::timestamptz
        and deployed.deployed_at < :to::timestamptz
        and (deployed.deploy_source, deployed.deploy_id) not in (
            select uncounted.deploy_source, uncounted.deploy_id
            from uncounted_deployments() as uncounted
        )
    having count(*) > 0
) as counted;
