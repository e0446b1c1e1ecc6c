-- A metric's tables made anew: temporary ones of the same names and shapes are filled while the old
-- answers are served, then their rows take the place of the old. In place, each look-up would pass
-- by all the rows that the same transaction deleted.

-- From here to the end of the transaction, the tables' names mean empty ones.
create or replace function begin_rebuild(tables text[]) returns void
language plpgsql as $$
declare
    metric_table text;
begin
    foreach metric_table in array tables loop
        execute format(
            'create temporary table %1$I (like public.%1$I including all) on commit drop',
            metric_table
        );
    end loop;
end
$$;

create or replace function finish_rebuild(tables text[]) returns void
language plpgsql set enable_seqscan = on as $$
declare
    metric_table text;
    columns text;
begin
    foreach metric_table in array tables loop
        select string_agg(format('%I', attname), ', ')
        into columns
        from pg_attribute
        where
            attrelid = format('public.%I', metric_table)::regclass
            and attnum > 0
            and not attisdropped
            and attgenerated = '';
        execute format('delete from public.%I', metric_table);
        execute format(
            'insert into public.%1$I (%2$s) select %2$s from pg_temp.%1$I', metric_table, columns
        );
        execute format('drop table pg_temp.%I', metric_table);
    end loop;
end
$$;
