-- The regular expression of a pattern as in .gitignore: with a slash that is not at its end it is
-- of the whole path, else of a part at any depth; what lies below what fits, fits.
create or replace function path_expression(pattern text) returns text
language sql immutable strict as $$
    select
        case
            when strpos(rtrim(path_expression.pattern, '/'), '/') > 0 then '^'
            else '^(?:.*/)?'
        end
        || string_agg(
            case
                when part[1] = '**/' then '(?:.*/)?'
                when part[1] = '/' || '**' then '/.*'
                when part[1] ~ '^[*]+$' then '[^/]*'
                when part[1] = '?' then '[^/]'
                when part[1] ~ '^\[' then regexp_replace(
                    regexp_replace(part[1], '^\[!', '[^'), '\\', '\\\\', 'g'
                )
                else regexp_replace(ltrim(part[1], '\'), '([^[:alnum:]_/])', '\\\1', 'g')
            end,
            '' order by number
        )
        || case when path_expression.pattern ~ '/$' then '/' else '(?:/|$)' end
    from regexp_matches(
        trim('/' from path_expression.pattern),
        '^[*][*]/|(?<=/)[*][*]/|/[*][*]$|[*]+|[?]|\[!?\]?[^]]*\]|\\.|.', 'g'
    ) with ordinality as found (part, number)
$$;

-- Whether one of the paths fits patterns as in .gitignore, of which the last that fits a path
-- counts for it; one that begins with ! says no.
create or replace function touches(paths text[], patterns text[])
returns boolean
language sql immutable strict as $$
    select exists (
        select from unnest(touches.paths) as path
        where (
            select not pattern like '!%'
            from unnest(touches.patterns) with ordinality as given (pattern, number)
            where path ~ path_expression(ltrim(pattern, '!'))
            order by number desc
            limit 1
        )
    )
$$;

-- The patterns of what is a service's in a repository, as the catalog says; null where it does not.
create or replace function patterns_of(service_id text, repository_url text) returns text[]
language plpgsql stable as $$
begin
    return (
        select array_agg(pattern)
        from unnest(repository_urls(patterns_of.repository_url)) as known (url)
        inner join catalog_repositories as said on known.url = said.repository_url
        cross join unnest(said.paths) as pattern
        where said.service_id = patterns_of.service_id
    );
end
$$;
