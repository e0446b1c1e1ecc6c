-- What the log says of what services run: one row per service event of these predicates.
create table if not exists service_events (
    cd_source text not null,
    cd_id text not null,
    predicate text not null,
    happened_at timestamptz not null,
    revision bigint not null,
    service_name text not null,
    environment_name text not null,
    uid text,
    repository_url text,
    repository_number text,
    artifact text,
    digest text,
    tag_key text,
    images text[] not null,
    commit_name text,
    template_fingerprint text,
    started_at timestamptz,
    is_unplanned boolean not null,
    assumed_environment boolean not null,
    listed_commits text[] not null,
    service_names text[],
    primary key (cd_id, cd_source)
);

-- Those of a service in their order, for what is computed anew of it.
create index if not exists service_events_service
on service_events (service_name, happened_at, revision, cd_source, cd_id);

-- The numbers of repositories.
create index if not exists service_events_number
on service_events (repository_url, repository_number) where repository_number is not null;

comment on table service_events is
'What the log says of what services run: one row per service.deployed, upgraded, rolledback and
removed; written by a trigger of cdevents_raw in the same transaction.';
comment on column service_events.predicate is 'deployed, upgraded, rolledback or removed.';
comment on column service_events.happened_at is 'The event''s time: when the rollout was done.';
comment on column service_events.revision is 'customData.dora.revision; -1 where it has none.';
comment on column service_events.service_name is 'As reported; the catalog may know it by another.';
comment on column service_events.environment_name is
'As reported; the catalog may know it by another. Empty where it has none.';
comment on column service_events.uid is
'customData.dora.uid: what runs one version at a time, such as a Kubernetes Deployment.';
comment on column service_events.repository_url is
'customData.dora.repository in canonical form.';
comment on column service_events.repository_number is
'customData.dora.repositoryId: its number at GitHub or GitLab, which stays when it is renamed.';
comment on column service_events.artifact is 'artifactId in canonical form.';
comment on column service_events.digest is 'The digest in artifactId itself.';
comment on column service_events.tag_key is 'Repository and tag in artifactId.';
comment on column service_events.images is
'artifactId, then customData.dora.images, each once and in canonical form.';
comment on column service_events.commit_name is 'customData.dora.commit, in lower case.';
comment on column service_events.started_at is 'customData.dora.startedAt.';
comment on column service_events.is_unplanned is 'customData.dora.unplanned.';
comment on column service_events.assumed_environment is
'customData.dora.assumedEnvironment: its environment is only its tool''s default.';
comment on column service_events.listed_commits is
'customData.dora.commits: what is deployed with it, as far as its tool knows.';

comment on column service_events.service_names is
'customData.dora.serviceNames: all names under which the catalog may know it.';

alter table service_events owner to dora_owner;
grant select, insert, delete on service_events to dora_writer;
grant select on service_events to dora_metrics, dora_reader;

-- What a service event of the log says; no row for others.
create or replace function service_fact(event cdevents_raw) returns setof service_events
language sql stable as $$
    select
        event.cd_source,
        event.cd_id,
        event.cd_predicate,
        event.cd_timestamp,
        coalesce((dora ->> 'revision')::numeric::bigint, -1),
        event.service_id,
        coalesce(event.environment_id, ''),
        dora ->> 'uid',
        canonical_repository(dora ->> 'repository'),
        dora ->> 'repositoryId',
        own.artifact,
        artifact_digest(own.artifact),
        artifact_tag_key(own.artifact),
        array(
            select named.image
            from (
                select own.artifact as image, 0 as place
                union all
                select canonical_artifact(listed.image), listed.place
                from jsonb_array_elements_text(
                    coalesce(nullif(dora -> 'images', 'null'), '[]')
                ) with ordinality as listed (image, place)
                -- Each is put in canonical form once, as is its own.
                offset 0
            ) as named
            where named.image is not null
            group by named.image
            order by min(named.place)
        ),
        commit_name(dora ->> 'commit'),
        dora ->> 'templateFingerprint',
        (dora ->> 'startedAt')::timestamptz,
        coalesce(dora -> 'unplanned' = 'true', false),
        coalesce(dora -> 'assumedEnvironment' = 'true', false),
        array(
            select commit_name(coalesce(listed.commit ->> 'sha', listed.commit #>> '{}'))
            from jsonb_array_elements(
                coalesce(nullif(dora -> 'commits', 'null'), '[]')
            ) with ordinality as listed (commit, place)
            order by listed.place
        ),
        nullif(array(
            select jsonb_array_elements_text(dora -> 'serviceNames')
            where jsonb_typeof(dora -> 'serviceNames') = 'array'
        ), '{}')
    from (select event.content #> '{customData,dora}' as dora) as custom
    cross join lateral (select canonical_artifact(event.artifact_id) as artifact offset 0) as own
    where
        event.cd_subject = 'service'
        and event.cd_predicate in ('deployed', 'upgraded', 'rolledback', 'removed')
$$;
