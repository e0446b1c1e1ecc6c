-- Until the transaction ends, nobody else catches up with the log for what is served.
select from public.processed_events
where consumer = 'timeline' for update;
