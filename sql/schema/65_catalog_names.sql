-- What the catalog calls a service, an environment and a repository. Without a catalog, what events
-- call them.
create or replace function resolved_service(name text, source text, environment_name text)
returns text
language sql stable as $$
    select resolved_service.name
$$;

create or replace function resolved_environment(name text) returns text
language sql stable as $$
    select resolved_environment.name
$$;

create or replace function resolved_repository(url text) returns text
language sql stable as $$
    select resolved_repository.url
$$;
