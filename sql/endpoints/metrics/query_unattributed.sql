-- Incidents that belong to no deployment, whatever their environment: one row per group.
-- :from inclusive, :to exclusive, of the detection; the other parameters: sql/staging/50_asked.sql
select
    asked_group(:group_by::text, service_id, null, :teams::jsonb) as group_name,
    count(*) as unattributed
from
    asked_incidents(
        :from::timestamptz,
        :to::timestamptz,
        :services::text[],
        :environments::text[],
        :tiers::text[]
    )
where counts and deploy_id is null
group by group_name;
