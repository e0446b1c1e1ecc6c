-- Seconds from one moment to another, at least 0; null where one of them is not known.
create or replace function seconds_between(started_at timestamptz, ended_at timestamptz)
returns double precision
language sql immutable strict as $$
    select greatest(0, extract(epoch from ended_at - started_at))::double precision
$$;
