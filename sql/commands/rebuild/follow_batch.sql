-- Apply the next batch of the log in the order of log_order; after the last one the position in the
-- log is where catching up goes on. One row: whether there is another one.
-- :size integer, events
with here as materialized (
    select
        rebuild.followed_count as done_count,
        rebuild.log_end,
        coalesce((select max(ordered.place) from rebuilding.log_order as ordered), 0) as total
    from rebuilding.rebuilds as rebuild
),

batch as materialized (
    select
        array_agg(event.cd_source order by ordered.place) as sources,
        array_agg(event.cd_id order by ordered.place) as ids
    from here
    inner join rebuilding.log_order as ordered
        on here.done_count < ordered.place and ordered.place <= here.done_count + :size::integer
    inner join cdevents_raw as event on ordered.seq = event.seq
),

counted as (
    update rebuilding.rebuilds
    set followed_count = least(followed_count + :size::integer, here.total)
    from here
),

positioned as (
    insert into processed_events as known (consumer, seq)
    select 'timeline', here.log_end from here
    where here.done_count + :size::integer >= here.total
    on conflict (consumer) do update set seq = greatest(known.seq, excluded.seq)
),

applied as materialized (
    select advance(batch.sources, batch.ids) as done from batch
    where batch.ids is not null
)

select here.done_count + :size::integer < here.total and count(applied.done) >= 0 as is_more
from here
left join applied on true
group by here.done_count, here.total;
