-- The name of a commit or a change: in lower case where it is hexadecimal.
create or replace function commit_name(name text) returns text
language sql immutable strict as $$
    select case
        when commit_name.name ~ '^[0-9a-fA-F]+$' then lower(commit_name.name)
        else commit_name.name
    end
$$;
