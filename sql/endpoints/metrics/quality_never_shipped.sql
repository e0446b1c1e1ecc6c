-- Repositories of whose latest pushes that are older than 30 days no deployment shipped any: one
-- row each, with how many pushes were looked at and a service that comes from it, if any does.
-- :to timestamptz; :services text[], or null for all; :most integer, rows
with recursive repositories (repository_url) as (
    (
        select step.repository_url from steps as step
        where step.repository_url <> ''
        order by step.repository_url
        limit 1
    )
    union all
    select following.repository_url
    from repositories
    cross join lateral (
        select step.repository_url from steps as step
        where step.repository_url > repositories.repository_url
        order by step.repository_url
        limit 1
    ) as following
),

owners as materialized (
    select known.repository_url, min(known.service_id) as service_id
    from known_repositories as known
    where :services::text[] is null or known.service_id = any(:services::text[])
    group by known.repository_url
)

select
    owners.service_id as service,
    null as source,
    repositories.repository_url as repository,
    count(*) as count,
    count(*) over () as total
from repositories
left join owners using (repository_url)
cross join
    lateral (
        select step.step_source, step.step_id from steps as step
        where
            step.repository_url = repositories.repository_url
            and step.branch_key = 'HEAD'
            and step.is_step
            and step.merged_at < :to::timestamptz - interval '30 days'
        order by step.merged_at desc
        limit 20
    ) as push
where :services::text[] is null or owners.service_id is not null
group by owners.service_id, repositories.repository_url
having
    bool_and(not exists (
        select from reached_steps as reached
        where
            reached.step_source = push.step_source
            and reached.step_id = push.step_id
            and reached.kind <> 'contradiction'
    ))
order by count(*) desc, repositories.repository_url
limit :most::integer;
