-- Until the transaction ends, wait no longer than this for others: whoever waits holds a thread of
-- its function, and the event is sent again.
select set_config('lock_timeout', '10s', true);
