-- Repositories that are asked for, as they are known, and the services that come from them: one row
-- per repository and service.
-- :repositories text[]
select
    asked.repository_url,
    known.service_id
from (
    select distinct resolved_repository(canonical_repository(given.url)) as repository_url
    from unnest(:repositories::text[]) as given (url)
) as asked
left join known_repositories as known on asked.repository_url = known.repository_url;
