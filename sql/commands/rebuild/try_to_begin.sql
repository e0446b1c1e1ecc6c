-- One row: whether we are the one that makes rows anew, until we disconnect.
select pg_try_advisory_lock(hashtextextended('rebuilding', 0));
