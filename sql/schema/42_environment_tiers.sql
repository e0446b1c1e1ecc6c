-- Which tier an environment is of: one row per pattern; the longest pattern that fits decides.
create table if not exists environment_tiers (
    pattern text primary key,
    tier text not null check (tier in ('production', 'staging', 'testing', 'development'))
);

insert into environment_tiers
select * from (
    values
    ('prod%', 'production'), ('live', 'production'), ('default', 'production'),
    ('stag%', 'staging'), ('test%', 'testing'), ('qa%', 'testing'), ('%', 'development')
) as standard (pattern, tier)
where not exists (select from environment_tiers);

comment on table environment_tiers is
'Which tier an environment is of; the longest pattern that fits decides.';
comment on column environment_tiers.pattern is
'Of an environment''s id, in the form of SQL''s like.';

alter table environment_tiers owner to dora_owner;
grant select on environment_tiers to dora_writer, dora_reader;

create or replace function environment_tier(environment_id text) returns text
language sql stable as $$
    select known.tier from environment_tiers as known
    where environment_id like known.pattern
    order by length(known.pattern) desc, known.pattern
    limit 1
$$;
