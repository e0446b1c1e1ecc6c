-- Of which tier an environment is by its name: one row per word. Of the words of a name, the one
-- with the first position decides.
create table if not exists tier_words (
    word text primary key,
    tier text not null check (tier in ('production', 'staging', 'testing', 'development')),
    position integer not null,
    is_whole boolean not null default false
);

insert into tier_words (word, tier, position, is_whole)
select standard.*
from (
    select word, 'testing', 1, false from unnest('{test,testing,qa}'::text[]) as word
    union all
    select word, 'development', 2, false
    from unnest('{dev,development,review,preview,feature,sandbox}'::text[]) as word
    union all
    select word, 'staging', 3, false
    from unnest('{stag,staging,preprod,uat,preproduction,nonprod}'::text[]) as word
    union all
    select word || ' ' || production, 'staging', 3, false
    from unnest('{pre,non}'::text[]) as word
    cross join unnest('{prod,production,prd,live}'::text[]) as production
    union all
    select word, 'production', 4, false
    from unnest('{prod,production,prd,live}'::text[]) as word
    union all
    select 'default', 'production', 5, true
) as standard (word, tier, position, is_whole)
where
    not exists (
        select from tier_words
        where position > 0
    )
on conflict (word) do nothing;

comment on table tier_words is
'Of which tier an environment is by its name. After a change, rebuild the metrics.';
comment on column tier_words.word is
'In lower case, a-z and 0-9, without digits at the end; or several that follow each other.';
comment on column tier_words.position is
'Of several words in a name, the first one decides. An own word before all others has 0.';
comment on column tier_words.is_whole is 'Whether it has to be the whole name.';

alter table tier_words owner to dora_owner;
grant select on tier_words to dora_metrics, dora_reader;

-- The words of an environment's name, with a space before, between and after them.
create or replace function environment_words(name text) returns text
language sql immutable as $$
    select ' ' || coalesce(string_agg(part.word || ' ', '' order by part.place), '')
    from (
        select regexp_replace(split.word, '[0-9]+$', '') as word, split.place
        from regexp_split_to_table(lower(environment_words.name), '[^a-z0-9]+')
            with ordinality as split (word, place)
    ) as part
    where part.word <> ''
$$;

-- The tier of an environment by its name alone; null where it says none.
create or replace function named_tier(name text) returns text
language sql stable as $$
    select known.tier
    from tier_words as known
    cross join environment_words(named_tier.name) as words
    where
        case
            when known.is_whole then lower(named_tier.name) = known.word
            else position(' ' || known.word || ' ' in words) > 0
        end
    order by known.position, known.word
    limit 1
$$;
