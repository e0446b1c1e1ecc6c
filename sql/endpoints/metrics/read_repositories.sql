-- What the events tell of repositories: one row per service and repository.
select service_id, repository_id from service_repositories;
