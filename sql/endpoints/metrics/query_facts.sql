-- What is known of the services of each group, of all time: one row per group.
-- :timezone text, by its name at IANA; the other parameters: sql/staging/50_asked.sql
select * from group_facts(
    :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb,
    :timezone::text
);
