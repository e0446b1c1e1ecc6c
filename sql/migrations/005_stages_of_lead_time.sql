-- How long each stage of a change took is written with it, so that questions need not reckon it for
-- a quarter of a million changes. Generated once, the columns are filled while the table is written
-- anew; sql/schema makes the index that has them.
do $$
begin
    if not take_migration(5, 'stages_of_lead_time') then return; end if;
    drop index if exists shipped_changes_place;
    alter table if exists shipped_changes
    add column commit_to_opened_seconds double precision
    generated always as (seconds_between(committed_at, opened_at)) stored,
    add column opened_to_merged_seconds double precision
    generated always as (seconds_between(opened_at, merged_at)) stored,
    add column merged_to_deployed_seconds double precision
    generated always as (seconds_between(merged_at, deployed_at)) stored;
    alter table if exists shipped_changes
    alter column commit_to_opened_seconds drop expression,
    alter column opened_to_merged_seconds drop expression,
    alter column merged_to_deployed_seconds drop expression;
end
$$;
