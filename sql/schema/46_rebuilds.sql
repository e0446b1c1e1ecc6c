-- What is computed, made anew: in the schema `rebuilding`, tables of the same names and shapes are
-- filled batch by batch while the old rows are served, and at the end theirs take the place of the
-- old. In place, each look-up would pass by all the rows that the same transaction deleted. All are
-- unlogged: after a crash all are empty, and it begins anew.

-- What was interrupted begins anew after an installation, for tables may have other shapes now.
set client_min_messages = warning;
drop schema if exists rebuilding cascade;
reset client_min_messages;
create schema rebuilding;

create unlogged table rebuilding.rebuilds (
    what text primary key,
    basis text not null,
    catalog_version bigint not null,
    log_end bigint not null,
    followed_count bigint not null default 0,
    started_at timestamptz not null default now()
);

create unlogged table rebuilding.log_order (
    place bigint primary key,
    seq bigint not null
);

comment on table rebuilding.rebuilds is
'What is being made anew; no row or one.';
comment on column rebuilding.rebuilds.what is 'Name of a metric, or all.';
comment on column rebuilding.rebuilds.basis is
'By what its rows are made: statements, settings and catalog. By others it begins anew.';
comment on column rebuilding.rebuilds.catalog_version is 'Which catalog that is.';
comment on column rebuilding.rebuilds.log_end is
'Up to which place of the log it follows events in the order of log_order; 0 where what all metrics
share is copied.';
comment on column rebuilding.rebuilds.followed_count is
'How many of these it has followed; what comes after them, rebuilding.processed_events says.';
comment on table rebuilding.log_order is
'In which order a rebuild follows the log as it is when it begins: one row per event.';

alter schema rebuilding owner to dora_owner;
alter table rebuilding.rebuilds owner to dora_owner;
alter table rebuilding.log_order owner to dora_owner;
grant usage on schema rebuilding to dora_metrics, dora_reader;
grant select, insert, update, delete on rebuilding.rebuilds to dora_metrics;
grant select on rebuilding.rebuilds to dora_reader;
grant select, insert, delete on rebuilding.log_order to dora_metrics;

-- Make empty tables to fill. With the owner's rights, for dora_metrics may make none.
create or replace function begin_rebuild(tables text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    metric_table text;
begin
    perform public.drop_rebuilt(tables);
    foreach metric_table in array tables loop
        execute format(
            'create unlogged table rebuilding.%1$I (like public.%1$I including all)',
            metric_table
        );
        execute format(
            'grant select, insert, update, delete on rebuilding.%I to dora_metrics', metric_table
        );
    end loop;
end
$$;

comment on function begin_rebuild is
'Make empty tables in the schema rebuilding.';

-- Fill tables with the rows that are served.
create or replace function copy_served(tables text[]) returns void
language plpgsql set enable_seqscan = on as $$
declare
    shared_table text;
begin
    foreach shared_table in array tables loop
        execute format(
            'insert into rebuilding.%1$I (%2$s) select %2$s from public.%1$I',
            shared_table,
            (
                select string_agg(format('%I', attname), ', ')
                from pg_attribute
                where
                    attrelid = format('public.%I', shared_table)::regclass
                    and attnum > 0
                    and not attisdropped
                    and attgenerated = ''
                    and attidentity = ''
            )
        );
    end loop;
end
$$;

comment on function copy_served is
'Fill tables in the schema rebuilding with the rows that are served.';

-- Put the rows that were made in the place of those that are served. Those that are the same stay,
-- where a key says which; the key of a queue says nothing.
create or replace function finish_rebuild(tables text[]) returns void
language plpgsql set enable_seqscan = on as $$
declare
    metric_table text;
    columns text;
    is_same text;
begin
    foreach metric_table in array tables loop
        select
            string_agg(format('%I', attname), ', ' order by attnum),
            'new is not distinct from old and ' || string_agg(
                format('new.%1$I = old.%1$I', attname), ' and '
            ) filter (where attnum = any(key.indkey))
        into columns, is_same
        from pg_attribute
        left join pg_index as key on indrelid = attrelid and indisprimary
        where
            attrelid = format('public.%I', metric_table)::regclass
            and attnum > 0
            and not attisdropped
            and attgenerated = ''
            and attidentity = '';
        execute format(
            'delete from public.%1$I as old where not exists (
                select from rebuilding.%1$I as new where %2$s
            )',
            metric_table, coalesce(is_same, 'false')
        );
        execute format(
            'insert into public.%1$I (%2$s)
            select %2$s from rebuilding.%1$I as new where not exists (
                select from public.%1$I as old where %3$s
            )',
            metric_table, columns, coalesce(is_same, 'false')
        );
    end loop;
end
$$;

comment on function finish_rebuild is
'Put the rows of tables in the schema rebuilding in the place of those served.';

-- Drop tables that were filled. With the owner's rights, which nothing but these are touched with.
create or replace function drop_rebuilt(tables text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    metric_table text;
begin
    foreach metric_table in array tables loop
        execute format('drop table if exists rebuilding.%I', metric_table);
    end loop;
end
$$;

comment on function drop_rebuilt is
'Drop tables of the schema rebuilding.';

alter function begin_rebuild(text[]) owner to dora_owner;
alter function drop_rebuilt(text[]) owner to dora_owner;
revoke execute on function begin_rebuild(text[]) from public;
revoke execute on function drop_rebuilt(text[]) from public;
grant execute on function begin_rebuild(text[]) to dora_metrics;
grant execute on function drop_rebuilt(text[]) to dora_metrics;
