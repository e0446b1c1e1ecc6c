-- Until the transaction ends, nobody else writes what is served and called so: the timeline, or the
-- tables of a metric.
-- :locked text
select
    pg_advisory_xact_lock(
        hashtextextended(concat_ws(' ', 'public.timeline'::regclass::oid, :locked::text), 0)
    );
