-- Until the transaction ends, nobody else writes what is called so: the timeline, or the tables of
-- a metric. Of the schema in which the names mean them, which stays there for so long.
-- :locked text
select
    pg_advisory_xact_lock(
        hashtextextended(concat_ws(' ', 'timeline'::regclass::oid, :locked::text), 0)
    )
where
    not exists (
        select from timeline
        where false
    );
