-- How far a metric has followed the log, for us alone until the transaction ends; no row if another
-- instance has it.
-- :consumer text
with known as (
    insert into processed_events (consumer) values (:consumer::text)
    on conflict (consumer) do nothing
    returning seq
),

taken as (
    select processed.seq from processed_events as processed
    where processed.consumer = :consumer::text
    for update skip locked
)

select known.seq from known
union all
select taken.seq from taken;
