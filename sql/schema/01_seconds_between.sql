-- Seconds from one moment to another, at least 0; null where one of them is not known. Not strict,
-- so that PostgreSQL puts the expression in the place of the call.
create or replace function seconds_between(started_at timestamptz, ended_at timestamptz)
returns double precision
language sql immutable as $$
    select case
        when ended_at >= started_at
            -- As extract, which takes three times as long for it makes a numeric: whole microseconds
            -- divided once, so that the last digit is right.
            then round(
                date_part('epoch', ended_at - started_at) * 1000000::double precision
            ) / 1000000::double precision
        when ended_at < started_at then 0
    end
$$;
