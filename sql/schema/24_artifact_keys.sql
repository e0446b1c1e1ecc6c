-- By what artifacts are recognised: one row per deployment, package or publication and key.
create table if not exists artifact_keys (
    cd_source text not null,
    cd_id text not null,
    cd_subject text not null,
    artifact_key text not null,
    primary key (cd_source, cd_id, artifact_key)
);

create index if not exists artifact_keys_key on artifact_keys (artifact_key, cd_subject);

comment on table artifact_keys is
'By what artifacts are recognised; filled by a trigger of cdevents_raw in the same transaction.';
comment on column artifact_keys.cd_subject is 'service or artifact.';
comment on column artifact_keys.artifact_key is
'The artifact''s id as told, its digest, or its repository and tag.';

alter table artifact_keys owner to dora_owner;
grant select, insert, delete on artifact_keys to dora_writer;
grant select on artifact_keys to dora_reader;

-- The keys of a package URL such as
-- pkg:oci/shop@sha256:8c1f?repository_url=ghcr.io/acme/shop&tag=1.
create or replace function artifact_keys(purl text) returns setof text
language sql immutable as $$
    select purl
    union
    select 'digest ' || replace(lower(part[1]), '%3a', ':')
    from regexp_matches(purl, '@(sha256(?::|%3[aA])[0-9a-fA-F]+)') as part
    union
    select 'tag ' || coalesce(
        substring(purl from '[?&]repository_url=([^&]+)'), substring(purl from '^[^@?]+')
    ) || ' ' || substring(purl from '[?&]tag=([^&]+)')
    where purl ~ '^pkg:oci/.*[?&]tag='
$$;
