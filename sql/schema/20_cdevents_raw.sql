-- The log: every valid CDEvent; one row per source and id.
create sequence if not exists cdevents_raw_seq;

create table if not exists cdevents_raw (
    cd_source text not null,
    cd_id text not null,
    cd_timestamp timestamptz not null,
    cd_type text not null,
    cd_subject_id text not null,
    cd_subject_source text,
    content jsonb not null,
    seq bigint not null default nextval('cdevents_raw_seq'),
    recorded_at timestamptz not null default now(),
    cd_subject text not null generated always as (split_part(cd_type, '.', 3)) stored,
    cd_predicate text not null generated always as (split_part(cd_type, '.', 4)) stored,
    service_id text generated always as (
        case
            when split_part(cd_type, '.', 3) = 'service' then cd_subject_id
            else content #>> '{subject,content,service,id}'
        end
    ) stored,
    environment_id text generated always as (
        content #>> '{subject,content,environment,id}'
    ) stored,
    artifact_id text generated always as (
        content #>> '{subject,content,artifactId}'
    ) stored,
    repository_id text generated always as (
        content #>> '{subject,content,repository,id}'
    ) stored,
    change_id text generated always as (
        content #>> '{subject,content,change,id}'
    ) stored,
    commit_id text generated always as (
        content #>> '{customData,dora,commit}'
    ) stored,
    template_fingerprint text generated always as (
        content #>> '{customData,dora,templateFingerprint}'
    ) stored,
    deployment_uid text generated always as (
        content #>> '{customData,dora,uid}'
    ) stored,
    deployment_revision bigint generated always as (
        (content #>> '{customData,dora,revision}')::numeric::bigint
    ) stored,
    primary key (cd_source, cd_id)
);

alter sequence cdevents_raw_seq owned by cdevents_raw.seq;

-- Catching up reads the log in this order.
create unique index if not exists cdevents_raw_seq_key on cdevents_raw (seq);

-- Without cd_source, which the uid implies: until PostgreSQL has analyzed the table, it would take
-- such an index for a look-up by source and id, and read all that the source told.
drop index if exists cdevents_raw_revision, cdevents_raw_template;

-- The revision before and the revision after one of the same Kubernetes Deployment.
create index if not exists cdevents_raw_uid_revision
on cdevents_raw (deployment_uid, deployment_revision)
where cd_subject = 'service' and deployment_uid is not null;

-- The deployments before and after one of the same service and environment.
create index if not exists cdevents_raw_deployment
on cdevents_raw (
    service_id, environment_id, cd_timestamp, (coalesce(deployment_revision, -1)), cd_source, cd_id
)
where cd_subject = 'service' and cd_predicate in ('deployed', 'upgraded', 'rolledback');

-- The deployments of an artifact in an environment.
create index if not exists cdevents_raw_deployed_artifact
on cdevents_raw (environment_id, artifact_id, cd_timestamp)
where cd_subject = 'service' and cd_predicate in ('deployed', 'upgraded', 'rolledback');

-- Whether a service ran an artifact, or a Deployment a pod template, earlier.
create index if not exists cdevents_raw_service_artifact
on cdevents_raw (service_id, environment_id, artifact_id, cd_timestamp)
where cd_subject = 'service' and cd_predicate in ('deployed', 'upgraded', 'rolledback');
create index if not exists cdevents_raw_uid_template
on cdevents_raw (deployment_uid, template_fingerprint, cd_timestamp)
where cd_subject = 'service' and cd_predicate in ('deployed', 'upgraded', 'rolledback');

-- The deployments, packages and publications that name a change.
create index if not exists cdevents_raw_commit
on cdevents_raw (commit_id) where commit_id is not null;
create index if not exists cdevents_raw_change
on cdevents_raw (change_id) where change_id is not null;

-- A deployment by the id with which an incident names it.
create index if not exists cdevents_raw_deployment_id
on cdevents_raw (cd_id) where cd_subject = 'service';

-- All events of an incident.
create index if not exists cdevents_raw_incident
on cdevents_raw (cd_source, cd_subject_id) where cd_subject = 'incident';

comment on table cdevents_raw is
'The log: every valid CDEvent. All metrics come from it and can be made from it again.';
comment on column cdevents_raw.content is 'The whole CDEvent.';
comment on column cdevents_raw.cd_timestamp is 'When it happened, as the event says.';
comment on column cdevents_raw.seq is
'Place in the log; grows, with gaps. Transactions do not commit in this order.';
comment on column cdevents_raw.recorded_at is 'When it was written to the log.';
comment on column cdevents_raw.cd_subject is 'Part of the type, such as service.';
comment on column cdevents_raw.cd_predicate is 'Part of the type, such as deployed.';
comment on column cdevents_raw.change_id is 'The change that an artifact was packaged of.';
comment on column cdevents_raw.commit_id is 'customData.dora.commit.';
comment on column cdevents_raw.template_fingerprint is 'customData.dora.templateFingerprint.';
comment on column cdevents_raw.deployment_uid is
'customData.dora.uid: what revisions are counted within.';
comment on column cdevents_raw.deployment_revision is 'customData.dora.revision.';

alter table cdevents_raw owner to dora_owner;
grant select, insert, update on cdevents_raw to dora_writer;
grant usage on sequence cdevents_raw_seq to dora_writer;
grant select on cdevents_raw to dora_reader;
