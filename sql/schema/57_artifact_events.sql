-- What the log says of artifacts: one row per artifact.packaged and artifact.published.
create table if not exists artifact_events (
    cd_source text not null,
    cd_id text not null,
    happened_at timestamptz not null,
    artifact text not null,
    digest text,
    tag_key text,
    change_name text,
    commit_name text,
    repository_url text,
    primary key (cd_source, cd_id)
);

-- Which digest a tag meant at a moment; of what an artifact was made.
create index if not exists artifact_events_tag
on artifact_events (tag_key, happened_at, cd_source, cd_id) where digest is not null;
create index if not exists artifact_events_made_digest
on artifact_events (digest, happened_at, cd_source, cd_id)
where change_name is not null or commit_name is not null;
create index if not exists artifact_events_made_name
on artifact_events ((coalesce(tag_key, artifact)), happened_at, cd_source, cd_id)
where change_name is not null or commit_name is not null;

-- Under which tags a digest was published.
create index if not exists artifact_events_digest on artifact_events (digest);

comment on table artifact_events is
'What the log says of artifacts: one row per artifact.packaged and artifact.published; written by a
trigger of cdevents_raw in the same transaction.';
comment on column artifact_events.artifact is 'The artifact''s id in canonical form.';
comment on column artifact_events.digest is 'The digest in it.';
comment on column artifact_events.tag_key is 'Repository and tag in it.';
comment on column artifact_events.change_name is 'change.id: the change that it was made of.';
comment on column artifact_events.commit_name is 'customData.dora.commit, in lower case.';
comment on column artifact_events.repository_url is
'customData.dora.repository, else change.source where that is an address; in canonical form.';

alter table artifact_events owner to dora_owner;
grant select, insert, delete on artifact_events to dora_writer;
grant select on artifact_events to dora_metrics, dora_reader;

-- What an event of the log says of an artifact; no row for others.
create or replace function artifact_fact(event cdevents_raw) returns setof artifact_events
language sql stable as $$
    select
        event.cd_source,
        event.cd_id,
        event.cd_timestamp,
        canonical_artifact(event.cd_subject_id),
        artifact_digest(canonical_artifact(event.cd_subject_id)),
        artifact_tag_key(canonical_artifact(event.cd_subject_id)),
        commit_name(event.content #>> '{subject,content,change,id}'),
        commit_name(event.content #>> '{customData,dora,commit}'),
        coalesce(
            canonical_repository(event.content #>> '{customData,dora,repository}'),
            substring(
                canonical_repository(event.content #>> '{subject,content,change,source}')
                from '^https://.*'
            )
        )
    where event.cd_subject = 'artifact' and event.cd_predicate in ('packaged', 'published')
$$;
