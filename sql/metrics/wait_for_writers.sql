-- Wait until no transaction is writing to the log. Who wants to write meanwhile waits for us, so a
-- wait that is not short is given up: the next tick tries again.
select pg_advisory_xact_lock(hashtextextended('cdevents_raw', 0))
from (select set_config('lock_timeout', '2s', true)) as bounded;
