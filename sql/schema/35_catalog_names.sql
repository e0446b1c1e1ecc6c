-- What the catalog calls an environment.
create or replace function resolved_environment(name text) returns text
language sql stable as $$
    select coalesce(
        (
            select known.environment_id from catalog_environments as known
            where known.environment_name = resolved_environment.name
        ),
        nullif(resolved_environment.name, ''),
        'production'
    )
$$;

comment on function resolved_environment is
'What the catalog calls an environment.';

-- Whether a tool's name, or an address, means the source of an event: as words of it that follow
-- each other, or as how it begins.
create or replace function is_source_of(tool text, source text) returns boolean
language sql immutable as $$
    select starts_with(is_source_of.source, is_source_of.tool) or position(
        ' ' || regexp_replace(lower(is_source_of.tool), '[^a-z0-9]+', ' ', 'g') || ' '
        in ' ' || regexp_replace(lower(is_source_of.source), '[^a-z0-9]+', ' ', 'g') || ' '
    ) > 0
$$;

-- The alias of the catalog that fits what an event names; no row where none does. An environment
-- that is empty is not reported or only assumed: then an alias holds whatever its environment.
create or replace function fitting_alias(name text, source text, environment_name text)
returns setof catalog_aliases
language sql stable as $$
    select known.*
    from catalog_aliases as known
    where
        known.name = fitting_alias.name
        and (known.tool = '' or is_source_of(known.tool, fitting_alias.source))
        and (
            known.environment = '' or fitting_alias.environment_name = ''
            or known.environment = fitting_alias.environment_name
        )
    order by
        known.tool <> '' and known.environment <> '' desc, known.tool <> '' desc,
        known.environment <> '' desc, known.tool desc, known.environment
    limit 1
$$;

-- What the catalog calls the service and the environment that an event names, and the environment's
-- name before that: one row.
-- other_names: all that the tool calls the service, in the order in which the catalog is asked; or
-- null. environment_name: null or empty for none. is_assumed: whether its tool knew none.
create or replace function resolved_names(
    service_name text, other_names text[], source text, environment_name text, is_assumed boolean
)
returns table (
    service_id text, environment_id text, is_assumed boolean, environment_name text
)
language sql stable as $$
    select
        coalesce(alias.service_id, named.service_name),
        resolved_environment(coalesce(nullif(alias.environment, ''), named.environment_name)),
        named.environment_name = '' and coalesce(alias.environment, '') = '',
        coalesce(
            nullif(alias.environment, ''), nullif(named.environment_name, ''),
            resolved_environment('')
        )
    from (
        select
            resolved_names.service_name,
            case
                when resolved_names.is_assumed then ''
                else coalesce(resolved_names.environment_name, '')
            end as environment_name
    ) as named
    left join lateral (
        select fitting.*
        from unnest(coalesce(resolved_names.other_names, array[named.service_name]))
            with ordinality as other (name, place)
        cross join lateral fitting_alias(
            other.name, resolved_names.source, named.environment_name
        ) as fitting
        order by other.place
        limit 1
    ) as alias on true
$$;

comment on function resolved_names is
'What the catalog calls the service and the environment that an event names: one row.';

-- What the catalog calls a service, where its environment does not matter.
create or replace function resolved_service(name text, source text, environment_name text)
returns text
language sql stable as $$
    select place.service_id
    from resolved_names(
        resolved_service.name, null, resolved_service.source, resolved_service.environment_name,
        false
    ) as place
$$;

comment on function resolved_service is
'What the catalog calls a service, where its environment does not matter.';
