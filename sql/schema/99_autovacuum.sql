-- Vacuum and analyse tables as soon as one row in fifty is new or changed, where PostgreSQL would
-- wait for one in five: questions are about the newest rows, which an index alone answers only
-- where they have been vacuumed since, and plans know the time up to the last analysis. A table
-- that is so already is not touched, for whoever works on it would be waited for.
do $$
declare
    options constant text[] = array[
        'autovacuum_vacuum_scale_factor=0.02',
        'autovacuum_vacuum_insert_scale_factor=0.02',
        'autovacuum_analyze_scale_factor=0.02'
    ];
    ours text;
begin
    for ours in
        select format('%I.%I', nspname, relname)
        from pg_class
        inner join pg_namespace on relnamespace = pg_namespace.oid
        where
            relkind = 'r'
            and nspname = current_schema
            and pg_get_userbyid(relowner) = 'dora_owner'
            and not coalesce(reloptions @> options, false)
    loop
        execute format('alter table %s set (%s)', ours, array_to_string(options, ', '));
    end loop;
end
$$;
