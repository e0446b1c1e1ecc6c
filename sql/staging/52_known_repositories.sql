-- From which repositories services come: one row per service and repository; of a service of which
-- the catalog says so, those, else those that its events and its artifacts name. Those are many, so
-- each is looked for behind the one before.
create or replace view known_repositories as
with recursive seen as (
    (
        select first.service_id, first.repository_url
        from timeline_repositories as first
        order by first.service_id, first.repository_url
        limit 1
    )
    union all
    select next.service_id, next.repository_url
    from seen
    cross join lateral (
        select known.service_id, known.repository_url
        from timeline_repositories as known
        where (known.service_id, known.repository_url) > (seen.service_id, seen.repository_url)
        order by known.service_id, known.repository_url
        limit 1
    ) as next
)

select said.service_id, resolved_repository(said.repository_url) as repository_url
from catalog_repositories as said
union
select seen.service_id, seen.repository_url
from seen
where not exists (
    select from catalog_repositories as said
    where said.service_id = seen.service_id
);

comment on view known_repositories is
'From which repositories services come, by the catalog or else by their events: one row per service
and repository.';

alter view known_repositories owner to dora_owner;
grant select on known_repositories to dora_writer, dora_reader;
