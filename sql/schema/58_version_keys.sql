-- By what the version of a service event, or what an artifact was made of, may be found: one row
-- per event and key. So a change or an artifact that is reported finds the events that name it.
create table if not exists version_keys (
    key text not null,
    happened_at timestamptz not null,
    cd_source text not null,
    cd_id text not null,
    is_service boolean not null,
    primary key (key, happened_at, cd_source, cd_id)
);

comment on table version_keys is
'By what the version of a service event, or what an artifact was made of, may be found; written by a
trigger of cdevents_raw in the same transaction.';
comment on column version_keys.key is
'Of an image: digest and the digest, tag and repository and tag, or artifact and its id. Of what is
or may be a commit: commit and its name, or its first seven digits where it has so many.';
comment on column version_keys.is_service is 'Of a service event; else of one of an artifact.';

alter table version_keys owner to dora_owner;
grant select, insert, delete on version_keys to dora_writer;
grant select, insert on version_keys to dora_metrics;
grant select on version_keys to dora_reader;

-- The key of the name of a commit or a change.
create or replace function commit_key(name text) returns text
language sql immutable strict as $$
    select 'commit ' || case
        when commit_key.name ~ '^[0-9a-f]{7,}$' then left(commit_key.name, 7) else commit_key.name
    end
$$;

-- What may be a commit in the tag of an image of canonical form: hexadecimal digits, alone or
-- behind a prefix that ends with a dash; null where there are none.
create or replace function commit_of_tag(artifact text) returns text
language sql immutable strict as $$
    select lower(substring(
        commit_of_tag.artifact
        from '^pkg:oci/[^?]*[?](?:[^&]*&)*tag=(?:[^&]*-)?([0-9a-fA-F]{7,40})(?:&|$)'
    ))
$$;

-- The keys of an image of canonical form.
create or replace function image_keys(artifact text) returns setof text
language sql immutable strict as $$
    select case
        when named.value is null then 'artifact ' || image_keys.artifact
        else named.kind || named.value
    end
    from (
        values
        ('digest ', artifact_digest(image_keys.artifact)),
        ('tag ', artifact_tag_key(image_keys.artifact))
    ) as named (kind, value)
    where
        named.value is not null
        or (
            named.kind = 'tag ' and artifact_digest(image_keys.artifact) is null
        )
$$;

-- The keys of a service event.
create or replace function service_keys(event service_events) returns setof version_keys
language sql immutable as $$
    select distinct named.key, event.happened_at, event.cd_source, event.cd_id, true
    from (
        select image_keys(listed.image) as key from unnest(event.images) as listed (image)
        union all
        select commit_key(commit_of_tag(listed.image)) from unnest(event.images) as listed (image)
        union all
        select commit_key(event.commit_name)
    ) as named
    where named.key is not null
$$;

-- The keys of what an artifact was made of.
create or replace function made_of_keys(event artifact_events) returns setof version_keys
language sql immutable as $$
    select distinct commit_key(named.name), event.happened_at, event.cd_source, event.cd_id, false
    from (values (event.change_name), (event.commit_name)) as named (name)
    where named.name is not null
$$;
