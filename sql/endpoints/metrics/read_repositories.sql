-- Where services come from: one row per service and repository, by the catalog or else its events.
select service_id, repository_url from catalog_repositories
union all
select told.service_id, told.repository_id from service_repositories as told
where
    not exists (
        select from catalog_repositories as said
        where said.service_id = told.service_id
    );
