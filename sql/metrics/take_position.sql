-- One row: up to which place the timeline has all of the log, for us alone until the transaction
-- ends. Another instance that catches up is waited for: what it did is there then.
with known as (
    insert into processed_events (consumer) values ('timeline')
    on conflict (consumer) do nothing
    returning seq
),

taken as (
    select processed.seq from processed_events as processed
    where processed.consumer = 'timeline'
    for update
)

select known.seq from known
union all
select taken.seq from taken;
