-- Until the transaction ends, nobody else writes what is called so: the timeline, or the tables of
-- a metric.
-- :locked text
select pg_advisory_xact_lock(hashtextextended(:locked::text, 0));
