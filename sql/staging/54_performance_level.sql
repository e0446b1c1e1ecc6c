-- The level of a metric's value, by the first bound that holds; no row where there is none.
create or replace function performance_level(metric text, value double precision)
returns setof performance_levels
language sql stable as $$
    select known.*
    from performance_levels as known
    where
        known.metric = performance_level.metric
        and case known.comparison
            when '>=' then performance_level.value >= known.bound
            when '<' then performance_level.value < known.bound
            when '<=' then performance_level.value <= known.bound
        end
    order by known.rank
    limit 1
$$;

comment on function performance_level is
'The level of a value of a metric; or no row.';
