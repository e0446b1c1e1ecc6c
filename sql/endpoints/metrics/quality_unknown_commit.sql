-- Deployments to production that name a commit which no push or merge reports: one row per service,
-- with the newest such commit.
-- :from inclusive, :to exclusive; :services text[], or null for all; :most integer, rows
select
    deployed.service_id as service,
    (array_agg(deployed.deploy_source order by deployed.deployed_at desc))[1] as source,
    (array_agg(ltrim(deployed.commits[1]) order by deployed.deployed_at desc))[1] as example,
    count(*) as count,
    count(*) over () as total
from deployed_changes as deployed
inner join asked_places(
    :services::text[], null, '{production}', null, null
) using (service_id, environment_id)
where
    deployed.deployed_at >= :from::timestamptz
    and deployed.deployed_at < :to::timestamptz
    and not deployed.is_linked
    and deployed.commits <> '{}'
group by deployed.service_id
order by count(*) desc, deployed.service_id
limit :most::integer;
