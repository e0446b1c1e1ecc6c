-- The repositories that a service's events and artifacts name: one row each. Rows are many, so each
-- repository is looked for behind the one before.
create or replace function reported_repositories(service_id text)
returns table (repository_url text)
language sql stable as $$
    with recursive known as (
        (
            select origin.repository_url from timeline_repositories as origin
            where origin.service_id = reported_repositories.service_id
            order by origin.repository_url
            limit 1
        )
        union all
        select following.repository_url
        from known
        cross join lateral (
            select origin.repository_url from timeline_repositories as origin
            where
                origin.service_id = reported_repositories.service_id
                and origin.repository_url > known.repository_url
            order by origin.repository_url
            limit 1
        ) as following
    )

    select known.repository_url from known
$$;

-- From which repositories services come: one row per service and repository; of a service of which
-- the catalog says so, those, else those that its events and its artifacts name.
create or replace view known_repositories as
select said.service_id, resolved_repository(said.repository_url) as repository_url
from catalog_repositories as said
union
select service.service_id, origin.repository_url
from (
    select distinct place.service_id from deployed_environments as place
) as service
cross join lateral reported_repositories(service.service_id) as origin
where not exists (
    select from catalog_repositories as said
    where said.service_id = service.service_id
);

comment on view known_repositories is
'From which repositories services come, by the catalog or else by their events: one row per service
and repository.';

alter view known_repositories owner to dora_owner;
grant select on known_repositories to dora_metrics, dora_reader;
