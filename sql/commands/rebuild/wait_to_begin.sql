-- Wait until we are the one that makes rows anew, until we disconnect.
select pg_advisory_lock(hashtextextended('rebuilding', 0));
