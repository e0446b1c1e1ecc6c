-- The service events of versions, or from repositories, that are called otherwise since given
-- events.
create or replace function renamed_events(sources text[], ids text[])
returns table (cd_source text, cd_id text)
language plpgsql stable as $$
#variable_conflict use_column
declare
    urls text[] := array(
        select renamed.repository_url
        from unnest(sources, ids) as given (cd_source, cd_id)
        inner join renamed_repositories as renamed using (cd_source, cd_id)
    );
begin
    if urls = '{}' then
        return;
    end if;
    return query
    select known.cd_source, known.cd_id
    from timeline as known
    where
        known.repository_url = any(urls)
        or exists (
            select from unnest(known.commits) as name
            where left(name, strpos(name, ' ') - 1) = any(urls)
        );
end
$$;
