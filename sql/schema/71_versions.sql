-- Versions that a service ran: one row per service and version. Whether two are the same is no
-- matter of equality (definition 7), so it is asked here once, and not of each event.
create table if not exists versions (
    service_id text not null,
    version uuid not null,
    artifact text,
    digest text,
    commits text[] not null,
    shas text[] not null,
    known smallint not null generated always as (
        case when digest is null then 0 else 1 end + case when commits = '{}' then 0 else 2 end
    ) stored,
    primary key (service_id, version)
);

-- Those with the same digest, the same artifact, the same commit.
create index if not exists versions_digest
on versions (service_id, digest) where digest is not null;
create index if not exists versions_artifact on versions (service_id, artifact, known);
create index if not exists versions_commit
on versions (service_id, (shas[1]), known) where cardinality(shas) = 1;
create index if not exists versions_commits
on versions using gin (shas) with (fastupdate = off) where cardinality(shas) > 1;

comment on table versions is 'Versions that a service ran: one row per service and version.';
comment on column versions.version is 'Digest of artifact, digest and commits.';
comment on column versions.commits is
'One for each repository that it is made of: the repository, a space and the commit.';
comment on column versions.shas is 'The commits without their repositories.';
comment on column versions.known is '1 for a digest, 2 for commits, 3 for both.';

alter table versions owner to dora_owner;
grant select, insert, delete on versions to dora_metrics;
grant select on versions to dora_reader;
