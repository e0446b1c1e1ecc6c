-- Names of services that several repositories report in one environment, so that each runs its own
-- version there: one row per service and environment, with two of the repositories.
-- :services text[], or null for all; :most integer, rows
select
    target.service_id as service,
    null as source,
    target.environment_id as environment,
    min(event.repository_url) as repository,
    max(event.repository_url) as other_repository,
    count(distinct event.repository_url) as count,
    count(*) over () as total
from timeline_targets as target
inner join timeline as event
    on target.run_source = event.cd_source and target.run_id = event.cd_id
where
    target.uid_source is null
    and target.removed_at is null
    and event.repository_url is not null
    and (:services::text[] is null or target.service_id = any(:services::text[]))
group by target.service_id, target.environment_id
having count(distinct event.repository_url) > 1
order by count(distinct event.repository_url) desc, target.service_id, target.environment_id asc
limit :most::integer;
