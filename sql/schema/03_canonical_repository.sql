-- The address of a repository in canonical form: https, without .git, user, port 22 and slashes at
-- the end, the host in lower case. What is no address is as it is.
create or replace function canonical_repository(url text) returns text
language sql immutable strict as $$
    select case
        when part is null then canonical_repository.url
        else
            'https://' || lower(part[1]) || '/'
            || regexp_replace(ltrim(rtrim(part[2], '/'), '/'), '[.]git$', '')
    end
    from coalesce(
        regexp_match(
            canonical_repository.url,
            '^(?:git[+])?(?:https?|ssh|git)://(?:[^/@]*@)?([^/]+?)(?::22)?/(.+)$', 'i'
        ),
        regexp_match(canonical_repository.url, '^(?:[^/@:]+@)([^/:]+):([^/].*)$'),
        regexp_match(canonical_repository.url, '^([^/@:]+[.][^/@:]+):([^/].*)$')
    ) as part
$$;
