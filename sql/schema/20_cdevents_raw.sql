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
    primary key (cd_source, cd_id)
);

alter sequence cdevents_raw_seq owned by cdevents_raw.seq;

-- Catching up reads the log in this order.
create unique index if not exists cdevents_raw_seq_key on cdevents_raw (seq);

-- What was recorded in a span of time; such an index costs nothing where rows come in its order.
create index if not exists cdevents_raw_recorded on cdevents_raw using brin (recorded_at);

comment on table cdevents_raw is
'The log: every valid CDEvent. All metrics come from it and can be made from it again.';
comment on column cdevents_raw.content is 'The whole CDEvent.';
comment on column cdevents_raw.cd_timestamp is 'When it happened, as the event says.';
comment on column cdevents_raw.seq is
'Place in the log; grows, with gaps. Transactions do not commit in this order.';
comment on column cdevents_raw.recorded_at is 'When it was written to the log.';
comment on column cdevents_raw.cd_subject is 'Part of the type, such as service.';
comment on column cdevents_raw.cd_predicate is 'Part of the type, such as deployed.';

alter table cdevents_raw owner to dora_owner;
grant select, insert, update on cdevents_raw to dora_writer;
grant usage on sequence cdevents_raw_seq to dora_writer;
grant select on cdevents_raw to dora_metrics, dora_reader;
