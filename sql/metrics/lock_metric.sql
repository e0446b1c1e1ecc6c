-- Until the transaction ends, nobody else applies events to this metric.
-- :metric text
select pg_advisory_xact_lock(hashtextextended(:metric::text, 0));
