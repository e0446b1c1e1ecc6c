-- Wait until we are the one that makes rows anew, until we disconnect; and for locks as long as it
-- takes.
select pg_advisory_lock(hashtextextended('rebuilding', 0))
from (select set_config('lock_timeout', '0', false)) as patient;
