-- Incidents that belong to no deployment, whatever their environment: one row per group.
-- :from inclusive, :to exclusive, of the detection; the other parameters: sql/staging/50_asked.sql
select
    asked_group(:group_by::text, incident.service_id, null, :teams::jsonb) as group_name,
    count(*) as unattributed
from unattributed_incidents(:from::timestamptz, :to::timestamptz, :services::text[]) as incident
where incident.counts
group by group_name;
