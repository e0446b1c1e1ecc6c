-- Which services the log names: one row per name, tool and environment with which it is named, for
-- the catalog may know it by another name only there.
create table if not exists named_services (
    service_name text not null,
    cd_source text not null,
    environment_name text not null,
    first_named_at timestamptz not null,
    team text,
    team_named_at timestamptz,
    team_named_by text,
    service_names text[] not null default '{}'
);

-- The digest of names in their order, because they may be too long for an index.
create or replace function names_digest(names text[]) returns text
language sql immutable strict as $$
    select md5(array_to_json(names)::text)
$$;

alter table named_services drop constraint if exists named_services_pkey;
create unique index if not exists named_services_key
on named_services (service_name, names_digest(service_names), cd_source, environment_name);

-- Which environments the log names: one row each, with the tier that its tools reported last.
create table if not exists named_environments (
    environment_name text primary key,
    tier text,
    tier_named_at timestamptz,
    tier_named_by text
);

comment on table named_services is
'Which services the log names; written by a trigger of cdevents_raw in the same transaction.';
comment on column named_services.environment_name is
'Empty where it is named without, or with one that is only its tool''s default.';
comment on column named_services.service_names is
'customData.dora.serviceNames: all names under which the catalog may know it; empty for none.';
comment on column named_services.first_named_at is 'Time of the earliest event that names it so.';
comment on column named_services.team is 'customData.dora.team of the latest that has one.';
comment on column named_services.team_named_by is 'cd_id of that event.';
comment on table named_environments is
'Which environments the log names; written by a trigger of cdevents_raw in the same transaction.';
comment on column named_environments.tier is 'customData.dora.tier of the latest that has one.';
comment on column named_environments.tier_named_by is 'Source and id of that event.';

alter table named_services owner to dora_owner;
alter table named_environments owner to dora_owner;
grant select, insert, update, delete on named_services, named_environments to dora_writer;
grant select on named_services, named_environments to dora_metrics, dora_reader;

-- The environment that an event of the log names; empty where there is none, or where it is only
-- its tool's default.
create or replace function named_environment(event cdevents_raw) returns text
language sql immutable as $$
    select case
        when event.content #> '{customData,dora,assumedEnvironment}' = 'true' then ''
        else coalesce(event.environment_id, '')
    end
$$;

-- All names that an event of the log has for its service; empty for none but its own.
create or replace function names_of_service(event cdevents_raw) returns text[]
language sql immutable as $$
    select array(
        select jsonb_array_elements_text(event.content #> '{customData,dora,serviceNames}')
        where
            event.cd_subject in ('service', 'incident')
            and jsonb_typeof(event.content #> '{customData,dora,serviceNames}') = 'array'
    )
$$;

-- The tier of its environment that an event of the log reports; null for none.
create or replace function reported_tier(event cdevents_raw) returns text
language sql immutable as $$
    -- Who does not know the environment does not know its tier.
    select case when named_environment(event) <> '' then substring(
        event.content #>> '{customData,dora,tier}'
        from '^(production|staging|testing|development)$'
    ) end
$$;

-- Note which service and environment an event of the log names. Looked up first: an insert that
-- finds a row waits for whoever is writing that row.
create or replace function note_names(event cdevents_raw) returns void
language plpgsql as $$
declare
    environment text := named_environment(event);
    names text[] := names_of_service(event);
    new_team text := event.content #>> '{customData,dora,team}';
    new_tier text := reported_tier(event);
begin
    if (event.service_id is not null or names <> '{}') and not exists (
        select from named_services as known
        where
            known.service_name = coalesce(event.service_id, '')
            and names_digest(known.service_names) = names_digest(names)
            and known.cd_source = event.cd_source
            and known.environment_name = environment
            and known.first_named_at <= event.cd_timestamp
            and (
                new_team is null
                or (known.team_named_at, known.team_named_by) >= (event.cd_timestamp, event.cd_id)
            )
    ) then
        insert into named_services as known
        values (
            coalesce(event.service_id, ''), event.cd_source, environment, event.cd_timestamp,
            new_team,
            case when new_team is not null then event.cd_timestamp end,
            case when new_team is not null then event.cd_id end,
            names
        )
        on conflict (
            service_name, names_digest(service_names), cd_source, environment_name
        ) do update set
            first_named_at = least(known.first_named_at, excluded.first_named_at),
            (team, team_named_at, team_named_by) = (
                select latest.team, latest.team_named_at, latest.team_named_by
                from (
                    values
                    (known.team, known.team_named_at, known.team_named_by),
                    (excluded.team, excluded.team_named_at, excluded.team_named_by)
                ) as latest (team, team_named_at, team_named_by)
                order by latest.team_named_at desc nulls last, latest.team_named_by desc
                limit 1
            );
    end if;
    if event.environment_id is not null and not exists (
        select from named_environments as known
        where
            known.environment_name = event.environment_id
            and (
                new_tier is null
                or (known.tier_named_at, known.tier_named_by)
                >= (event.cd_timestamp, event.cd_source || ' ' || event.cd_id)
            )
    ) then
        insert into named_environments as known
        values (
            event.environment_id, new_tier,
            case when new_tier is not null then event.cd_timestamp end,
            case when new_tier is not null then event.cd_source || ' ' || event.cd_id end
        )
        on conflict (environment_name) do update set
            tier = excluded.tier,
            tier_named_at = excluded.tier_named_at,
            tier_named_by = excluded.tier_named_by
        where
            excluded.tier is not null
            and (
                known.tier is null
                or (excluded.tier_named_at, excluded.tier_named_by)
                > (known.tier_named_at, known.tier_named_by)
            );
    end if;
end
$$;
