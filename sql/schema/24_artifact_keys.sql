-- By what artifacts are recognised: one row per deployment, package or publication and key.
create table if not exists artifact_keys (
    cd_source text not null,
    cd_id text not null,
    cd_subject text not null,
    artifact_key text not null,
    primary key (cd_source, cd_id, artifact_key)
);

alter table artifact_keys add column if not exists cd_timestamp timestamptz;
alter table artifact_keys add column if not exists has_digest boolean;
alter table artifact_keys add column if not exists names_change boolean;

drop index if exists artifact_keys_key;
create index if not exists artifact_keys_deployed
on artifact_keys (artifact_key, cd_timestamp) where cd_subject = 'service';
create index if not exists artifact_keys_digest
on artifact_keys (artifact_key, cd_timestamp, cd_source, cd_id)
where has_digest and cd_subject = 'artifact';
create index if not exists artifact_keys_change
on artifact_keys (artifact_key, cd_timestamp, cd_source, cd_id) where names_change;

comment on table artifact_keys is
'By what artifacts are recognised; filled by a trigger of cdevents_raw in the same transaction.';
comment on column artifact_keys.cd_subject is 'service or artifact.';
comment on column artifact_keys.artifact_key is
'The artifact''s id as told, its digest, or its repository and tag.';
comment on column artifact_keys.cd_timestamp is 'When the event happened.';
comment on column artifact_keys.has_digest is 'Whether the event tells the digest, too.';
comment on column artifact_keys.names_change is
'Whether the event is a package or publication that tells what it was made of.';

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

-- The rows of an event of the log.
create or replace function told_artifact_keys(event cdevents_raw) returns setof artifact_keys
language sql immutable as $$
    select
        event.cd_source, event.cd_id, event.cd_subject, found.artifact_key, event.cd_timestamp,
        bool_or(found.artifact_key like 'digest %') over (),
        event.cd_subject = 'artifact'
        and (event.change_id is not null or event.commit_id is not null)
    from artifact_keys(
        case event.cd_subject when 'service' then event.artifact_id else event.cd_subject_id end
    ) as found (artifact_key)
    where
        found.artifact_key is not null
        and (
            event.cd_subject = 'service'
            or (event.cd_subject = 'artifact' and event.cd_predicate in ('packaged', 'published'))
        )
$$;

-- Of an installation from before there were these columns.
update artifact_keys as known set
    cd_timestamp = told.cd_timestamp,
    has_digest = told.has_digest,
    names_change = told.names_change
from cdevents_raw as event
cross join told_artifact_keys(event) as told
where
    known.names_change is null
    and (known.cd_source, known.cd_id) = (event.cd_source, event.cd_id)
    and known.artifact_key = told.artifact_key;
