-- What is older than a time and no metric needs: raw events, dead letters, and reports that others
-- replaced and the timeline has done with. The log itself is never touched. With the owner's
-- rights, for nobody else deletes.
create or replace function prune_events(before timestamptz, most integer)
returns table (kept_in text, events bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if before > now() - interval '30 days' then
        raise exception 'expected a time at least 30 days ago, got %', before;
    end if;
    return query
    with raw as (
        delete from cloudevents_raw where ctid in (
            select old.ctid from cloudevents_raw as old where old.received_at < before limit most
        ) returning 1 as one
    ),
    other_ways as (
        delete from cloudevents_replaced where ctid in (
            select old.ctid from cloudevents_replaced as old
            where old.replaced_at < before limit most
        ) returning 1 as one
    ),
    reports as (
        delete from cdevents_replaced where ctid in (
            select old.ctid from cdevents_replaced as old
            where old.replaced_at < before and is_done_with(old.cd_source, old.cd_id) limit most
        ) returning 1 as one
    ),
    letters as (
        delete from dead_letters where ctid in (
            select old.ctid from dead_letters as old
            where greatest(old.last_refused_at, old.redriven_at) < before limit most
        ) returning 1 as one
    )
    select 'cloudevents_raw', count(*) from raw
    union all select 'cloudevents_replaced', count(*) from other_ways
    union all select 'cdevents_replaced', count(*) from reports
    union all select 'dead_letters', count(*) from letters;
end
$$;

-- Whether the timeline has what is in the log under an id now.
create or replace function is_done_with(source text, id text) returns boolean
language sql stable as $$
    select not exists (
        select from cdevents_raw as event
        where
            event.cd_source = is_done_with.source
            and event.cd_id = is_done_with.id
            and event.seq > coalesce((
                select processed.seq from processed_events as processed
                where processed.consumer = 'timeline'
            ), 0)
    )
$$;

-- How many there are to prune: one row per table.
create or replace function count_prunable(before timestamptz)
returns table (kept_in text, events bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select 'cloudevents_raw', count(*) from cloudevents_raw
    where cloudevents_raw.received_at < count_prunable.before
    union all
    select 'cloudevents_replaced', count(*) from cloudevents_replaced
    where cloudevents_replaced.replaced_at < count_prunable.before
    union all
    select 'cdevents_replaced', count(*) from cdevents_replaced as old
    where old.replaced_at < count_prunable.before and is_done_with(old.cd_source, old.cd_id)
    union all
    select 'dead_letters', count(*) from dead_letters as old
    where greatest(old.last_refused_at, old.redriven_at) < count_prunable.before
$$;

alter function prune_events(timestamptz, integer) owner to dora_owner;
alter function count_prunable(timestamptz) owner to dora_owner;
revoke execute on function prune_events(timestamptz, integer) from public;
revoke execute on function count_prunable(timestamptz) from public;
grant execute on function prune_events(timestamptz, integer) to dora_writer;
grant execute on function count_prunable(timestamptz) to dora_writer;
