-- Who may do what. They cannot log in until each is given a password; a table's file says what a
-- role may do with the table.
--   dora_owner   owns tables and views; used to install and to change them
--   dora_writer  the functions that keep events and compute metrics
--   dora_reader  the metrics endpoint, dashboards and people
do $$
begin
    if not exists (select from pg_roles where rolname = 'dora_owner') then
        create role dora_owner;
    end if;
    if not exists (select from pg_roles where rolname = 'dora_writer') then
        create role dora_writer login;
    end if;
    if not exists (select from pg_roles where rolname = 'dora_reader') then
        create role dora_reader login;
    end if;
end
$$;

-- A question's best plan depends on its filters, and there are few questions: plan each anew. The
-- time for compiling a plan is more than these statements take.
alter role dora_reader set plan_cache_mode = force_custom_plan;
-- Writers are given few events at a time, and find all else by indexes: one plan serves them all,
-- and planning takes longer than such a statement.
alter role dora_writer set plan_cache_mode = force_generic_plan;
-- So that it is not a plan for the empty tables of a new installation.
alter role dora_writer set enable_seqscan = off;
alter role dora_reader set jit = off;
alter role dora_writer set jit = off;

grant usage, create on schema public to dora_owner;
grant usage on schema public to dora_writer, dora_reader;
-- Seconds from one moment to another, at least 0; null where one of them is not known. Not strict,
-- so that PostgreSQL puts the expression in the place of the call.
create or replace function seconds_between(started_at timestamptz, ended_at timestamptz)
returns double precision
language sql immutable as $$
    select case
        when ended_at >= started_at
            then extract(epoch from ended_at - started_at)::double precision
        when ended_at < started_at then 0
    end
$$;
-- Every CloudEvent as its source sent it; one row per source and id.
create table if not exists cloudevents_raw (
    event_id bigint generated always as identity primary key,
    ce_source text not null,
    ce_id text not null,
    ce_type text not null,
    content jsonb not null,
    event_timestamp timestamptz not null,
    received_at timestamptz not null default now(),
    unique (ce_source, ce_id)
);

comment on table cloudevents_raw is
'Every CloudEvent as its source sent it; CDEvents are in cdevents_raw.';
comment on column cloudevents_raw.event_id is 'Order of arrival.';
comment on column cloudevents_raw.content is
'The whole event in CloudEvents JSON format; data that is no JSON is in data_base64.';
comment on column cloudevents_raw.event_timestamp is
'The event''s own time; the time of arrival where it has none.';
comment on column cloudevents_raw.received_at is 'Time of arrival.';

alter table cloudevents_raw owner to dora_owner;
grant select, insert on cloudevents_raw to dora_writer;
grant select on cloudevents_raw to dora_reader;
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
-- Who writes to the log holds a shared lock until its transaction ends. Catching up takes the lock
-- alone for a moment: when it has it, every place in the log up to the newest is decided.
create or replace function cdevents_raw_announce_writer() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cdevents_raw', 0));
    return null;
end
$$;

create or replace trigger cdevents_raw_announce_writer
before insert or update on cdevents_raw
for each statement execute function cdevents_raw_announce_writer();
-- What was in the log under an id before an earlier telling took its place; almost always empty.
-- Metrics look at the neighbours of where the event was, too.
create table if not exists cdevents_replaced (
    like cdevents_raw including generated including comments,
    replaced_at timestamptz not null default now()
);

create index if not exists cdevents_replaced_key on cdevents_replaced (cd_source, cd_id);

comment on table cdevents_replaced is
'Tellings of an event that an earlier telling replaced in the log.';

alter table cdevents_replaced owner to dora_owner;
grant select, insert on cdevents_replaced to dora_writer;
grant select on cdevents_replaced to dora_reader;
-- What the log tells of commits: one row per change.merged and commit that it names.
create table if not exists change_commits (
    cd_source text not null,
    cd_id text not null,
    repository_id text not null,
    branch text not null,
    sha text not null,
    subject_id text not null,
    is_last boolean not null,
    committed_at timestamptz,
    opened_at timestamptz,
    merged_at timestamptz not null,
    mainline_position text collate "C" not null,
    primary key (cd_source, cd_id, sha)
);

-- One commit in all its tellings; the commits between two places of a branch; a change by its name.
create index if not exists change_commits_commit on change_commits (repository_id, branch, sha);
create index if not exists change_commits_position
on change_commits (repository_id, branch, mainline_position);
create index if not exists change_commits_sha on change_commits (sha);
create index if not exists change_commits_subject on change_commits (subject_id) where is_last;

comment on table change_commits is
'What the log tells of commits; filled by a trigger of cdevents_raw in the same transaction.';
comment on column change_commits.subject_id is 'Id of the change, such as a pull request.';
comment on column change_commits.is_last is 'Whether it is the last of its event''s commits.';
comment on column change_commits.mainline_position is
'Sorts the commits of a branch: time of the merge, place in the event, id.';

alter table change_commits owner to dora_owner;
grant select, insert, delete on change_commits to dora_writer;
grant select on change_commits to dora_reader;

-- What a change.merged tells of commits: each that it names, or else its subject.
create or replace function told_commits(content jsonb, cd_timestamp timestamptz)
returns table (
    repository_id text, branch text, sha text, subject_id text, is_last boolean,
    committed_at timestamptz, opened_at timestamptz, merged_at timestamptz, mainline_position text
)
language sql stable as $$
    select
        coalesce(content #>> '{subject,content,repository,id}', ''),
        coalesce(content #>> '{customData,dora,branch}', ''),
        told.sha,
        content #>> '{subject,id}',
        told.place = max(told.place) over (),
        told.committed_at,
        (content #>> '{customData,dora,openedAt}')::timestamptz,
        cd_timestamp,
        to_char(cd_timestamp at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
        || to_char(told.place, ' 000000 ') || told.sha
    from (
        select
            named.commit ->> 'sha' as sha, max(named.place) as place,
            min((named.commit ->> 'committedAt')::timestamptz) as committed_at
        from jsonb_array_elements(coalesce(
            nullif(content #> '{customData,dora,commits}', '[]'),
            jsonb_build_array(jsonb_build_object('sha', content #>> '{subject,id}'))
        )) with ordinality as named (commit, place)
        group by named.commit ->> 'sha'
    ) as told
$$;
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
-- Which deployments incidents name by id: one row per event of an incident and deployment.
create table if not exists named_deployments (
    cd_source text not null,
    cd_id text not null,
    deployment_id text not null,
    place integer not null,
    primary key (cd_source, cd_id, deployment_id)
);

create index if not exists named_deployments_id on named_deployments (deployment_id);

comment on table named_deployments is
'Which deployments incidents name; filled by a trigger of cdevents_raw in the same transaction.';
comment on column named_deployments.deployment_id is
'customData.dora.deployment, or where a link of the event leads: id of a CDEvent.';
comment on column named_deployments.place is
'0 for customData.dora.deployment, the number of the link for others.';

alter table named_deployments owner to dora_owner;
grant select, insert, delete on named_deployments to dora_writer;
grant select on named_deployments to dora_reader;
-- What has to be found by an index, and stands in a list inside of an event, is written beside the
-- log in the same transaction: so whoever sees an event sees this too.
create or replace function cdevents_raw_derive() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        insert into cdevents_replaced (
            cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content, seq,
            recorded_at
        )
        values (
            old.cd_source, old.cd_id, old.cd_timestamp, old.cd_type, old.cd_subject_id,
            old.cd_subject_source, old.content, old.seq, old.recorded_at
        );
        delete from change_commits where cd_source = old.cd_source and cd_id = old.cd_id;
        delete from artifact_keys where cd_source = old.cd_source and cd_id = old.cd_id;
        delete from named_deployments where cd_source = old.cd_source and cd_id = old.cd_id;
    end if;

    -- Looked up first: an insert that finds a row waits for whoever is writing that row.
    if new.service_id is not null and not exists (
        select from services as known
        where
            known.service_id = new.service_id
            and (
                new.content #>> '{customData,dora,team}' is null
                or (
                    known.team is not null
                    and (known.told_at, known.told_by) >= (new.cd_timestamp, new.cd_id)
                )
            )
    ) then
        insert into services as known (service_id, team, told_at, told_by)
        values (
            new.service_id, new.content #>> '{customData,dora,team}', new.cd_timestamp, new.cd_id
        )
        on conflict (service_id) do update set
            team = excluded.team, told_at = excluded.told_at, told_by = excluded.told_by
        where
            excluded.team is not null
            and (
                known.team is null
                or (excluded.told_at, excluded.told_by) > (known.told_at, known.told_by)
            );
    end if;
    if new.service_id is not null then
        insert into service_repositories
        select new.service_id, told.repository_id
        from (select new.content #>> '{customData,dora,repository}' as repository_id) as told
        where
            told.repository_id is not null
            and not exists (
                select from service_repositories as known
                where
                    known.service_id = new.service_id
                    and known.repository_id = told.repository_id
            )
        on conflict do nothing;
    end if;
    if not exists (
        select from environments as known where known.environment_id = new.environment_id
    ) then
        insert into environments
        select new.environment_id where new.environment_id is not null
        on conflict do nothing;
    end if;

    if new.cd_subject = 'change' and new.cd_predicate = 'merged' then
        insert into change_commits
        select new.cd_source, new.cd_id, told.*
        from told_commits(new.content, new.cd_timestamp) as told;
    elsif new.cd_subject in ('service', 'artifact') then
        insert into artifact_keys select told.* from told_artifact_keys(new) as told;
    elsif new.cd_subject = 'incident' then
        insert into named_deployments
        select new.cd_source, new.cd_id, named.deployment_id, min(named.place)
        from (
            select new.content #>> '{customData,dora,deployment}' as deployment_id, 0 as place
            union all
            select coalesce(link #>> '{target,contextId}', link #>> '{from,contextId}'), number
            from jsonb_array_elements(
                coalesce(new.content #> '{context,links}', '[]')
            ) with ordinality as linked (link, number)
        ) as named
        where named.deployment_id is not null
        group by named.deployment_id;
        -- Two events of one incident at the same moment have to see each other.
        perform pg_advisory_xact_lock(
            hashtextextended(concat_ws(' ', 'incident', new.cd_source, new.cd_subject_id), 0)
        );
        delete from incidents
        where
            (incident_source, incident_id) = (new.cd_source, new.cd_subject_id)
            or (
                tg_op = 'UPDATE'
                and (incident_source, incident_id) = (old.cd_source, old.cd_subject_id)
            );
        insert into incidents
        select told.* from stg_incidents as told
        where
            (told.incident_source, told.incident_id) = (new.cd_source, new.cd_subject_id)
            or (
                tg_op = 'UPDATE'
                and (told.incident_source, told.incident_id) = (old.cd_source, old.cd_subject_id)
            );
    end if;
    return null;
end
$$;

create or replace trigger cdevents_raw_derive
after insert or update on cdevents_raw
for each row
when (new.cd_subject in ('change', 'service', 'artifact', 'incident'))
execute function cdevents_raw_derive();
-- What the log tells of incidents: one row per incident of which the detection is known.
create table if not exists incidents (
    incident_source text not null,
    incident_id text not null,
    detected_at timestamptz not null,
    resolved_at timestamptz,
    service_id text,
    environment_id text,
    artifact_id text,
    description text,
    primary key (incident_source, incident_id)
);

-- The incidents of a service, or of an artifact, after a deployment; those open at a moment.
create index if not exists incidents_service
on incidents (service_id, environment_id, detected_at);
create index if not exists incidents_artifact
on incidents (environment_id, artifact_id, detected_at) where artifact_id is not null;
create index if not exists incidents_open
on incidents (service_id, environment_id, (coalesce(resolved_at, 'infinity')));
create index if not exists incidents_time on incidents (detected_at);

comment on table incidents is
'What the log tells of incidents; filled by a trigger of cdevents_raw in the same transaction.';
comment on column incidents.incident_source is 'cd_source of its CDEvents.';
comment on column incidents.incident_id is 'cd_subject_id of its CDEvents.';
comment on column incidents.detected_at is 'When it was first detected or reported.';
comment on column incidents.resolved_at is 'When it was last resolved; null while it is open.';

alter table incidents owner to dora_owner;
grant select, insert, delete on incidents to dora_writer;
grant select on incidents to dora_reader;
-- Which services and environments the log knows: one row each. What a service tells of its team is
-- that of its latest event.
create table if not exists services (
    service_id text primary key,
    team text,
    told_at timestamptz not null,
    told_by text not null
);

create table if not exists service_repositories (
    service_id text not null,
    repository_id text not null,
    primary key (service_id, repository_id)
);

create table if not exists environments (
    environment_id text primary key
);

comment on table services is
'Which services the log knows; filled by a trigger of cdevents_raw in the same transaction.';
comment on column services.team is 'customData.dora.team of its latest event that has one.';
comment on column services.told_by is 'cd_id of that event.';
comment on table service_repositories is
'customData.dora.repository of a service''s events; filled by the same trigger.';
comment on table environments is 'Which environments the log knows; filled by the same trigger.';

alter table services owner to dora_owner;
alter table service_repositories owner to dora_owner;
alter table environments owner to dora_owner;
grant select, insert, update on services, service_repositories, environments to dora_writer;
grant select on services, service_repositories, environments to dora_reader;
-- All that could not be delivered to a function; one row per event and function.
create table if not exists dead_letters (
    dead_letter_id bigint generated always as identity primary key,
    ce_source text not null,
    ce_id text not null,
    ce_type text not null,
    content json not null,
    destination text not null,
    response_code integer,
    reason text not null,
    refused_count integer not null default 1,
    first_refused_at timestamptz not null default now(),
    last_refused_at timestamptz not null default now()
);

alter table dead_letters add column if not exists redriven_at timestamptz;
alter table dead_letters add column if not exists is_open boolean not null
generated always as (coalesce(last_refused_at > redriven_at, true)) stored;

-- By digest, because an id that is too long for an index may be why the event is here.
create unique index if not exists dead_letters_key
on dead_letters (md5(ce_source || ' ' || ce_id), md5(destination));

comment on table dead_letters is
'Every event that could not be delivered to a function, and why.';
comment on column dead_letters.content is
'The whole event in CloudEvents JSON format, to the letter: json, because jsonb refuses \u0000.
Of what is no event: its ce- headers, and its body as data_base64.';
comment on column dead_letters.ce_id is
'The event''s id; the digest of content where there is no id or no source. In texts, U+FFFD is for
what they cannot hold: NUL and half surrogates.';
comment on column dead_letters.destination is 'URL of the function that did not take it.';
comment on column dead_letters.response_code is
'HTTP status of its last answer; null when none came.';
comment on column dead_letters.reason is
'What the function answered, or what is wrong with the event.';
comment on column dead_letters.refused_count is 'How often the event came here.';
comment on column dead_letters.redriven_at is 'When it was last sent again; null when never.';
comment on column dead_letters.is_open is 'Not sent again yet, or refused again since.';

alter table dead_letters owner to dora_owner;
grant select, insert, update on dead_letters to dora_writer;
grant select on dead_letters to dora_reader;
-- How far each metric has followed the log; one row per metric.
create table if not exists processed_events (
    consumer text primary key,
    seq bigint not null default 0,
    updated_at timestamptz not null default now()
);

comment on table processed_events is 'How far each metric has followed the log.';
comment on column processed_events.consumer is 'Name of the metric.';
comment on column processed_events.seq is
'All events of the log up to this place have been applied, by a tick of the PingSource.';

alter table processed_events owner to dora_owner;
grant select, insert, update on processed_events to dora_writer;
grant select on processed_events to dora_reader;
-- What an organisation may decide otherwise: one row.
create table if not exists metric_settings (
    only_row boolean primary key default true check (only_row),
    incident_window interval not null default '7 days' check (incident_window > '0')
);

insert into metric_settings default values
on conflict (only_row) do nothing;

comment on table metric_settings is 'What an organisation may decide otherwise; one row.';
comment on column metric_settings.incident_window is
'How long after a deployment an incident may belong to it. After a change, rebuild the metrics.';

alter table metric_settings owner to dora_owner;
grant select on metric_settings to dora_writer, dora_reader;
-- Which tier an environment is of: one row per pattern; the longest pattern that fits decides.
create table if not exists environment_tiers (
    pattern text primary key,
    tier text not null check (tier in ('production', 'staging', 'testing', 'development'))
);

insert into environment_tiers
select * from (
    values
    ('prod%', 'production'), ('live', 'production'), ('default', 'production'),
    ('stag%', 'staging'), ('test%', 'testing'), ('qa%', 'testing'), ('%', 'development')
) as standard (pattern, tier)
where not exists (select from environment_tiers);

comment on table environment_tiers is
'Which tier an environment is of; the longest pattern that fits decides.';
comment on column environment_tiers.pattern is
'Of an environment''s id, in the form of SQL''s like.';

alter table environment_tiers owner to dora_owner;
grant select on environment_tiers to dora_writer, dora_reader;

create or replace function environment_tier(environment_id text) returns text
language sql stable as $$
    select known.tier from environment_tiers as known
    where environment_id like known.pattern
    order by length(known.pattern) desc, known.pattern
    limit 1
$$;
-- From which value on a metric is of which level: one row per metric and level; the first that
-- holds, in the order of rank, decides. From the report of 2023, whose levels are in one order for
-- every metric; it knows none for the deployment rework rate.
-- https://dora.dev/research/2023/dora-report/
create table if not exists performance_levels (
    metric text not null,
    level text not null check (level in ('elite', 'high', 'medium', 'low')),
    rank integer not null,
    comparison text not null check (comparison in ('>=', '<', '<=')),
    bound double precision not null,
    report_year integer not null,
    primary key (metric, level)
);

insert into performance_levels
select * from (
    values
    ('deployment-frequency', 'elite', 1, '>=', 1.0, 2023),
    ('deployment-frequency', 'high', 2, '>=', 1 / 7.0, 2023),
    ('deployment-frequency', 'medium', 3, '>=', 1 / 30.0, 2023),
    ('deployment-frequency', 'low', 4, '>=', 0.0, 2023),
    ('lead-time-for-changes', 'elite', 1, '<', 86400.0, 2023),
    ('lead-time-for-changes', 'high', 2, '<', 7 * 86400.0, 2023),
    ('lead-time-for-changes', 'medium', 3, '<', 30 * 86400.0, 2023),
    ('lead-time-for-changes', 'low', 4, '<', 'infinity', 2023),
    ('change-failure-rate', 'elite', 1, '<=', 0.05, 2023),
    ('change-failure-rate', 'high', 2, '<=', 0.10, 2023),
    ('change-failure-rate', 'medium', 3, '<=', 0.15, 2023),
    ('change-failure-rate', 'low', 4, '<=', 1.0, 2023),
    ('failed-deployment-recovery-time', 'elite', 1, '<', 3600.0, 2023),
    ('failed-deployment-recovery-time', 'high', 2, '<', 86400.0, 2023),
    ('failed-deployment-recovery-time', 'medium', 3, '<', 7 * 86400.0, 2023),
    ('failed-deployment-recovery-time', 'low', 4, '<', 'infinity', 2023)
) as report (metric, level, rank, comparison, bound, report_year)
where not exists (select from performance_levels);

comment on table performance_levels is 'From which value on a metric is of which level.';
comment on column performance_levels.bound is
'Deployments a day, seconds, or a ratio from 0 to 1.';
comment on column performance_levels.report_year is 'The DORA report that it is taken from.';

alter table performance_levels owner to dora_owner;
grant select on performance_levels to dora_writer, dora_reader;
-- How far each replay of kept events is; one row per arguments it was called with.
create table if not exists replays (
    arguments text primary key,
    after_event_id bigint not null default 0,
    until_event_id bigint not null,
    done_count bigint not null default 0,
    started_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz
);

comment on table replays is 'How far each run of dora.replay is.';
comment on column replays.arguments is 'What is replayed, as JSON.';
comment on column replays.after_event_id is 'All events up to this one have been sent.';
comment on column replays.until_event_id is
'The newest event when it began; later ones are not sent.';
comment on column replays.done_count is 'How many events have been sent.';
comment on column replays.finished_at is 'Null while it runs or is interrupted.';

alter table replays owner to dora_owner;
grant select, insert, update on replays to dora_writer;
grant select on replays to dora_reader;
-- Metrics' tables made anew: in the schema `rebuilding`, tables of the same names and shapes are
-- filled batch by batch while the old rows are served, and at the end theirs take the place of the
-- old. In place, each look-up would pass by all the rows that the same transaction deleted.

-- What was interrupted begins anew after an installation, for tables may have other shapes now.
set client_min_messages = warning;
drop schema if exists rebuilding cascade;
reset client_min_messages;
create schema rebuilding;

create table rebuilding.rebuilds (
    metric text primary key,
    basis text not null,
    seq bigint not null default 0,
    done_count bigint not null default 0,
    started_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

comment on table rebuilding.rebuilds is
'How far each run of dora.rebuild is; one row per metric that is not done.';
comment on column rebuilding.rebuilds.basis is
'By what its rows are made: the metric''s statements and the settings. By others it begins anew.';
comment on column rebuilding.rebuilds.seq is 'All events of the log up to this place are in them.';
comment on column rebuilding.rebuilds.done_count is 'How many events that is.';

alter schema rebuilding owner to dora_owner;
alter table rebuilding.rebuilds owner to dora_owner;
grant usage on schema rebuilding to dora_writer, dora_reader;
grant select, insert, update, delete on rebuilding.rebuilds to dora_writer;
grant select on rebuilding.rebuilds to dora_reader;

-- Make empty tables to fill. With the owner's rights, for dora_writer may make none.
create or replace function begin_rebuild(tables text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    metric_table text;
begin
    perform public.drop_rebuilt(tables);
    foreach metric_table in array tables loop
        execute format(
            'create table rebuilding.%1$I (like public.%1$I including all)', metric_table
        );
        execute format(
            'grant select, insert, update, delete on rebuilding.%I to dora_writer', metric_table
        );
    end loop;
end
$$;

-- Put the rows that were made in the place of those that are served.
create or replace function finish_rebuild(tables text[]) returns void
language plpgsql set enable_seqscan = on as $$
declare
    metric_table text;
    columns text;
begin
    foreach metric_table in array tables loop
        select string_agg(format('%I', attname), ', ')
        into columns
        from pg_attribute
        where
            attrelid = format('public.%I', metric_table)::regclass
            and attnum > 0
            and not attisdropped
            and attgenerated = '';
        execute format('delete from public.%I', metric_table);
        execute format(
            'insert into public.%1$I (%2$s) select %2$s from rebuilding.%1$I',
            metric_table, columns
        );
    end loop;
    perform drop_rebuilt(tables);
end
$$;

-- Drop tables that were filled. With the owner's rights, which nothing but these are touched with.
create or replace function drop_rebuilt(tables text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    metric_table text;
begin
    foreach metric_table in array tables loop
        execute format('drop table if exists rebuilding.%I', metric_table);
    end loop;
end
$$;

alter function begin_rebuild(text[]) owner to dora_owner;
alter function drop_rebuilt(text[]) owner to dora_owner;
revoke execute on function begin_rebuild(text[]) from public;
revoke execute on function drop_rebuilt(text[]) from public;
grant execute on function begin_rebuild(text[]) to dora_writer;
grant execute on function drop_rebuilt(text[]) to dora_writer;
-- Deployment frequency's table: one row per deployment.
create table if not exists deployments (
    deploy_source text not null,
    deploy_id text not null,
    deploy_name text not null,
    time_created timestamptz not null,
    environment_id text not null,
    artifact_id text,
    predicate text not null,
    primary key (deploy_source, deploy_id)
);

-- Every query of deployment frequency reads a span of time.
create index if not exists deployments_time
on deployments (time_created) include (deploy_name, environment_id);

-- One service's deployments, and its first one ever.
create index if not exists deployments_name on deployments (deploy_name, time_created);

comment on table deployments is
'One row per deployment: a service''s start, upgrade or roll-back that is no mere restart.';
comment on column deployments.deploy_source is 'cd_source of the CDEvent.';
comment on column deployments.deploy_id is 'cd_id of the CDEvent.';
comment on column deployments.deploy_name is 'Id of the service.';
comment on column deployments.time_created is 'When the deployment was done.';
comment on column deployments.artifact_id is 'What was deployed, as a purl.';
comment on column deployments.predicate is 'deployed, upgraded or rolledback.';

alter table deployments owner to dora_owner;
grant select, insert, update, delete on deployments to dora_writer;
grant select on deployments to dora_reader;
-- Lead time's table: one row per deployment, with the change that it names and the place in the
-- branch up to which an earlier deployment had shipped; between the two are the changes it ships.
create table if not exists deployed_changes (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    revision bigint not null,
    repository_id text,
    branch text,
    sha text,
    mainline_position text collate "C",
    previous_position text collate "C",
    primary key (deploy_source, deploy_id)
);

-- Every query reads a span of time; a service's deployments of a branch follow each other.
create index if not exists deployed_changes_time on deployed_changes (deployed_at);
create index if not exists deployed_changes_service
on deployed_changes (
    service_id, environment_id, repository_id, branch, deployed_at, revision, deploy_source,
    deploy_id
);

-- Which deployments ship a commit.
create index if not exists deployed_changes_position
on deployed_changes (repository_id, branch, mainline_position);

comment on table deployed_changes is 'One row per deployment, with the change that it names.';
comment on column deployed_changes.sha is 'The change; null where no known one is named.';
comment on column deployed_changes.mainline_position is 'Its place in the branch.';
comment on column deployed_changes.previous_position is
'The furthest place that an earlier deployment shipped; null for the first one.';


alter table deployed_changes owner to dora_owner;
grant select, insert, update, delete on deployed_changes to dora_writer;
grant select on deployed_changes to dora_reader;
-- Change failure rate's table: one row per deployment, with whether and why it failed.
create table if not exists deployment_failures (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    is_rollback boolean not null,
    is_failed boolean not null,
    incidents jsonb,
    rolled_back_by text,
    primary key (deploy_source, deploy_id)
);

-- Every query reads a span of time, of one service or of all.
create index if not exists deployment_failures_time on deployment_failures (deployed_at)
include (service_id, environment_id, is_rollback, is_failed);
create index if not exists deployment_failures_service
on deployment_failures (service_id, deployed_at);

comment on table deployment_failures is 'One row per deployment: whether it failed, and why.';
comment on column deployment_failures.incidents is
'The incidents that belong to it: a list of source, id and why.';
comment on column deployment_failures.rolled_back_by is
'deploy_id of the rollback that came next.';

alter table deployment_failures owner to dora_owner;
grant select, insert, update, delete on deployment_failures to dora_writer;
grant select on deployment_failures to dora_reader;
-- Failed deployment recovery time's table: one row per failed deployment.
create table if not exists recoveries (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    recovered_at timestamptz,
    primary key (deploy_source, deploy_id)
);

-- Every query reads a span of time.
create index if not exists recoveries_time on recoveries (deployed_at);

comment on table recoveries is 'One row per failed deployment.';
comment on column recoveries.recovered_at is
'When the last of its incidents was resolved, else when it was rolled back; null while open.';

alter table recoveries owner to dora_owner;
grant select, insert, update, delete on recoveries to dora_writer;
grant select on recoveries to dora_reader;
-- Deployment rework rate's table: one row per deployment, with what makes it rework.
create table if not exists deployment_reworks (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    is_rollback boolean not null,
    is_during_incident boolean not null,
    is_unplanned boolean not null,
    is_rework boolean not null generated always as (
        is_rollback or is_during_incident or is_unplanned
    ) stored,
    primary key (deploy_source, deploy_id)
);

-- Every query reads a span of time, of one service or of all.
create index if not exists deployment_reworks_time on deployment_reworks (deployed_at)
include (service_id, environment_id, is_rework);
create index if not exists deployment_reworks_service
on deployment_reworks (service_id, deployed_at);

-- What an incident that is resolved may no longer mark.
create index if not exists deployment_reworks_incident
on deployment_reworks (service_id, environment_id, deployed_at) where is_during_incident;

comment on table deployment_reworks is 'One row per deployment: whether it is rework, and why.';
comment on column deployment_reworks.is_during_incident is
'Whether an incident of its service and environment was open.';
comment on column deployment_reworks.is_unplanned is 'Whether it is marked as a hotfix.';

alter table deployment_reworks owner to dora_owner;
grant select, insert, update, delete on deployment_reworks to dora_writer;
grant select on deployment_reworks to dora_reader;
-- Lead time's second table: one row per deployment and change that it shipped.
create table if not exists shipped_changes (
    deploy_source text not null,
    deploy_id text not null,
    sha text not null,
    repository_id text not null,
    branch text not null,
    service_id text not null,
    environment_id text not null,
    committed_at timestamptz,
    opened_at timestamptz,
    merged_at timestamptz not null,
    deployed_at timestamptz not null,
    clock text not null check (clock in ('commit', 'opened', 'merged')),
    lead_time_seconds double precision not null,
    primary key (deploy_source, deploy_id, sha)
);

-- Every query reads a span of time, of one service or of all.
create index if not exists shipped_changes_time on shipped_changes (deployed_at)
include (service_id, environment_id, lead_time_seconds);
create index if not exists shipped_changes_service on shipped_changes (service_id, deployed_at);

comment on table shipped_changes is 'One row per deployment and change that it shipped.';
comment on column shipped_changes.clock is 'At what its lead time starts.';
comment on column shipped_changes.lead_time_seconds is
'From the start of the clock to the deployment; at least 0.';

alter table shipped_changes owner to dora_owner;
grant select, insert, update, delete on shipped_changes to dora_writer;
grant select on shipped_changes to dora_reader;
-- Every telling of every event: one row per event in the log, and per telling that was replaced.
create or replace view stg_tellings as
select
    cd_source, cd_id, cd_timestamp, cd_subject, cd_predicate, cd_subject_id, service_id,
    environment_id, artifact_id, repository_id, deployment_uid, deployment_revision,
    template_fingerprint, change_id, commit_id
from cdevents_raw
union all
select
    cd_source, cd_id, cd_timestamp, cd_subject, cd_predicate, cd_subject_id, service_id,
    environment_id, artifact_id, repository_id, deployment_uid, deployment_revision,
    template_fingerprint, change_id, commit_id
from cdevents_replaced;

alter view stg_tellings owner to dora_owner;
grant select on stg_tellings to dora_writer, dora_reader;
-- The tellings of the events that a metric is given, by their sources and ids.
create or replace function stg_given(sources text[], ids text[])
returns setof stg_tellings
language sql stable as $$
    select telling.*
    from unnest(stg_given.sources, stg_given.ids) as given (cd_source, cd_id)
    inner join stg_tellings as telling using (cd_source, cd_id)
$$;

-- All tellings of the incidents that given events tell of.
create or replace function stg_incident_tellings(sources text[], ids text[])
returns setof stg_tellings
language sql stable as $$
    select distinct telling.*
    from stg_given(stg_incident_tellings.sources, stg_incident_tellings.ids) as given
    inner join stg_tellings as telling using (cd_source, cd_subject_id)
    where given.cd_subject = 'incident' and telling.cd_subject = 'incident'
$$;
-- Incidents as the log tells them now: one row per incident of which the detection is known. A
-- detection after the last resolution opens it again.
create or replace view stg_incidents as
with told as (
    select
        cd_source,
        cd_subject_id,
        min(cd_timestamp) filter (where cd_predicate <> 'resolved') as detected_at,
        max(cd_timestamp) filter (where cd_predicate = 'detected') as last_detected_at,
        max(cd_timestamp) filter (where cd_predicate = 'resolved') as last_resolved_at,
        array_agg(service_id order by cd_timestamp, cd_id)
        filter (where service_id is not null) as services,
        array_agg(environment_id order by cd_timestamp, cd_id)
        filter (where environment_id is not null) as environments,
        array_agg(artifact_id order by cd_timestamp, cd_id)
        filter (where artifact_id is not null) as artifacts,
        array_agg(content #>> '{subject,content,description}' order by cd_timestamp, cd_id)
        filter (where content #>> '{subject,content,description}' is not null) as descriptions
    from cdevents_raw
    where cd_subject = 'incident'
    group by cd_source, cd_subject_id
)

select
    cd_source as incident_source,
    cd_subject_id as incident_id,
    detected_at,
    case
        when last_resolved_at >= coalesce(last_detected_at, '-infinity') then last_resolved_at
    end as resolved_at,
    services[1] as service_id,
    environments[1] as environment_id,
    artifacts[1] as artifact_id,
    descriptions[1] as description
from told
where detected_at is not null;

alter view stg_incidents owner to dora_owner;
grant select on stg_incidents to dora_writer, dora_reader;
-- What a service ran: one row per service event that names an artifact, restarts told apart. A
-- restart is a revision whose pod template equals that of the revision before it.
create or replace view stg_service_events as
select
    event.cd_source,
    event.cd_id,
    event.cd_predicate,
    event.cd_timestamp,
    event.service_id,
    event.environment_id,
    event.artifact_id,
    event.commit_id,
    event.content #>> '{customData,dora,repository}' as repository_id,
    coalesce(event.content #> '{customData,dora,unplanned}' = 'true', false) as is_unplanned,
    event.deployment_uid,
    coalesce(event.deployment_revision, -1) as revision,
    event.template_fingerprint,
    coalesce(event.template_fingerprint = (
        select earlier.template_fingerprint
        from cdevents_raw as earlier
        where
            earlier.cd_subject = 'service'
            and earlier.cd_source = event.cd_source
            and earlier.deployment_uid = event.deployment_uid
            and earlier.deployment_revision < event.deployment_revision
        order by earlier.deployment_revision desc
        limit 1
    ), false) as is_restart
from cdevents_raw as event
where
    event.cd_subject = 'service'
    and event.cd_predicate in ('deployed', 'upgraded', 'rolledback');

alter view stg_service_events owner to dora_owner;
grant select on stg_service_events to dora_writer, dora_reader;
-- One row per deployment. Those of a service and environment are in the order of
-- (cd_timestamp, revision, cd_source, cd_id).
create or replace view stg_deployments as
select * from stg_service_events
where not is_restart;

alter view stg_deployments owner to dora_owner;
grant select on stg_deployments to dora_writer, dora_reader;

-- The deployment of an event, looked up by itself whatever the planner thinks of the tables' sizes.
create or replace function stg_deployment(source text, id text)
returns setof stg_deployments
language sql stable as $$
    select known.* from stg_deployments as known
    where known.cd_source = stg_deployment.source and known.cd_id = stg_deployment.id
    limit 1
$$;
-- The deployment of a service and environment before a place in their order, or no row.
create or replace function stg_deployment_before(
    service_id text, environment_id text, cd_timestamp timestamptz, revision bigint,
    cd_source text, cd_id text
)
returns setof stg_deployments
language sql stable as $$
    select deployment.* from stg_deployments as deployment
    where
        deployment.service_id = stg_deployment_before.service_id
        and deployment.environment_id = stg_deployment_before.environment_id
        and (
            deployment.cd_timestamp, deployment.revision, deployment.cd_source, deployment.cd_id
        )
        < (
            stg_deployment_before.cd_timestamp, stg_deployment_before.revision,
            stg_deployment_before.cd_source, stg_deployment_before.cd_id
        )
    order by
        deployment.cd_timestamp desc, deployment.revision desc, deployment.cd_source desc,
        deployment.cd_id desc
    limit 1
$$;

-- The deployment of a service and environment after a place in their order, or no row.
create or replace function stg_deployment_after(
    service_id text, environment_id text, cd_timestamp timestamptz, revision bigint,
    cd_source text, cd_id text
)
returns setof stg_deployments
language sql stable as $$
    select deployment.* from stg_deployments as deployment
    where
        deployment.service_id = stg_deployment_after.service_id
        and deployment.environment_id = stg_deployment_after.environment_id
        and (
            deployment.cd_timestamp, deployment.revision, deployment.cd_source, deployment.cd_id
        )
        > (
            stg_deployment_after.cd_timestamp, stg_deployment_after.revision,
            stg_deployment_after.cd_source, stg_deployment_after.cd_id
        )
    order by deployment.cd_timestamp, deployment.revision, deployment.cd_source, deployment.cd_id
    limit 1
$$;

-- The latest deployment of a service and environment before a moment, or no row.
create or replace function stg_latest_deployment(
    service_id text, environment_id text, moment timestamptz
)
returns setof stg_deployments
language sql stable as $$
    select deployment.* from stg_deployments as deployment
    where
        deployment.service_id = stg_latest_deployment.service_id
        and deployment.environment_id = stg_latest_deployment.environment_id
        and deployment.cd_timestamp < stg_latest_deployment.moment
    order by
        deployment.cd_timestamp desc, deployment.revision desc, deployment.cd_source desc,
        deployment.cd_id desc
    limit 1
$$;

-- The latest deployment of an artifact to an environment before a moment, of any service where none
-- is said.
create or replace function stg_latest_deployment_of_artifact(
    artifact_id text, service_id text, environment_id text, moment timestamptz
)
returns setof stg_deployments
language sql stable as $$
    select deployment.* from stg_deployments as deployment
    where
        deployment.artifact_id = stg_latest_deployment_of_artifact.artifact_id
        and (
            stg_latest_deployment_of_artifact.service_id is null
            or deployment.service_id = stg_latest_deployment_of_artifact.service_id
        )
        and deployment.environment_id = stg_latest_deployment_of_artifact.environment_id
        and deployment.cd_timestamp < stg_latest_deployment_of_artifact.moment
    order by
        deployment.cd_timestamp desc, deployment.revision desc, deployment.cd_source desc,
        deployment.cd_id desc
    limit 1
$$;

-- The next revision of the Deployment that an event is a revision of: whether that is a restart
-- depends on this.
create or replace function stg_next_revision(source text, uid text, revision bigint)
returns setof cdevents_raw
language sql stable as $$
    select event.* from cdevents_raw as event
    where
        event.cd_subject = 'service'
        and event.cd_source = stg_next_revision.source
        and event.deployment_uid = stg_next_revision.uid
        and event.deployment_revision > stg_next_revision.revision
    order by event.deployment_revision
    limit 1
$$;
-- One row per deployment, and whether it is a rollback: told as one, or a return to an artifact (or
-- to a pod template of the same Deployment) that was deployed earlier and is not that before it.
create or replace view stg_rollbacks as
select
    deployment.*,
    deployment.cd_predicate = 'rolledback'
    or (
        deployment.artifact_id <> previous.artifact_id
        and exists (
            select from stg_deployments as earlier
            where
                earlier.service_id = deployment.service_id
                and earlier.environment_id = deployment.environment_id
                and earlier.artifact_id = deployment.artifact_id
                and (earlier.cd_timestamp, earlier.revision, earlier.cd_source, earlier.cd_id)
                < (
                    deployment.cd_timestamp, deployment.revision,
                    deployment.cd_source, deployment.cd_id
                )
        )
    )
    or coalesce(
        deployment.template_fingerprint <> previous.template_fingerprint
        and exists (
            select from stg_deployments as earlier
            where
                earlier.cd_source = deployment.cd_source
                and earlier.deployment_uid = deployment.deployment_uid
                and earlier.template_fingerprint = deployment.template_fingerprint
                and earlier.service_id = deployment.service_id
                and earlier.environment_id = deployment.environment_id
                and (earlier.cd_timestamp, earlier.revision, earlier.cd_source, earlier.cd_id)
                < (
                    deployment.cd_timestamp, deployment.revision,
                    deployment.cd_source, deployment.cd_id
                )
        ), false
    ) as is_rollback
from stg_deployments as deployment
left join
    lateral stg_deployment_before(
        deployment.service_id, deployment.environment_id, deployment.cd_timestamp,
        deployment.revision, deployment.cd_source, deployment.cd_id
    ) as previous
    on true;

alter view stg_rollbacks owner to dora_owner;
grant select on stg_rollbacks to dora_writer, dora_reader;

-- The same for one deployment.
create or replace function stg_rollback(source text, id text)
returns setof stg_rollbacks
language sql stable as $$
    select known.* from stg_rollbacks as known
    where known.cd_source = stg_rollback.source and known.cd_id = stg_rollback.id
    limit 1
$$;
-- Which deployment an incident belongs to, and why: one row per incident.
create or replace view stg_incident_deployments as
select
    incident.*,
    coalesce(by_id.cd_source, by_artifact.cd_source, latest.cd_source) as deploy_source,
    coalesce(by_id.cd_id, by_artifact.cd_id, latest.cd_id) as deploy_id,
    case
        when by_id.cd_id is not null then 'it names the deployment'
        when incident.artifact_id is not null and by_artifact.cd_id is not null
            then 'it names the artifact'
        when incident.artifact_id is not null
            then 'it names an artifact that was not deployed there before'
        when naming.is_named then 'it names an unknown deployment'
        when incident.service_id is null then 'it names no service'
        when latest.cd_id is null then 'no deployment was in the time before it'
        else 'the deployment is the latest before it'
    end as why
from incidents as incident
cross join
    lateral (
        select exists(
            select from cdevents_raw as event
            inner join named_deployments as named using (cd_source, cd_id)
            where
                event.cd_subject = 'incident'
                and event.cd_source = incident.incident_source
                and event.cd_subject_id = incident.incident_id
                and named.place = 0
        ) as is_named
    ) as naming
left join lateral (
    select deployment.cd_source, deployment.cd_id
    from cdevents_raw as event
    inner join named_deployments as named using (cd_source, cd_id)
    inner join stg_deployments as deployment on named.deployment_id = deployment.cd_id
    where
        event.cd_subject = 'incident'
        and event.cd_source = incident.incident_source
        and event.cd_subject_id = incident.incident_id
    order by
        named.place > 0, event.cd_timestamp, event.cd_id, named.place, deployment.cd_timestamp,
        deployment.revision, deployment.cd_source, deployment.cd_id
    limit 1
) as by_id on true
left join
    lateral stg_latest_deployment_of_artifact(
        incident.artifact_id, incident.service_id, incident.environment_id, incident.detected_at
    ) as by_artifact
    on by_id.cd_id is null
left join
    lateral stg_latest_deployment(
        incident.service_id, incident.environment_id, incident.detected_at
    ) as latest
    on
        by_id.cd_id is null
        and not naming.is_named
        and incident.artifact_id is null
        and latest.cd_timestamp
        >= incident.detected_at - (select setting.incident_window from metric_settings as setting);

alter view stg_incident_deployments owner to dora_owner;
grant select on stg_incident_deployments to dora_writer, dora_reader;

-- The same for one incident.
create or replace function stg_incident_deployment(source text, id text)
returns setof stg_incident_deployments
language sql stable as $$
    select known.* from stg_incident_deployments as known
    where
        known.incident_source = stg_incident_deployment.source
        and known.incident_id = stg_incident_deployment.id
    limit 1
$$;
-- One row per deployment: whether it is a rollback, which incidents belong to it, which rollback
-- came next, whether it failed, and when it was recovered (null while it is not).
create or replace view stg_failures as
select
    deployment.*,
    own.incidents_count,
    own.incidents,
    rolled_back.cd_source as rolled_back_by_source,
    rolled_back.cd_id as rolled_back_by_id,
    own.incidents_count > 0 or rolled_back.cd_id is not null as is_failed,
    case
        when own.open_count > 0 then null
        when own.incidents_count > 0 then own.resolved_at
        else rolled_back.cd_timestamp
    end as recovered_at
from stg_rollbacks as deployment
left join
    lateral stg_deployment_after(
        deployment.service_id, deployment.environment_id, deployment.cd_timestamp,
        deployment.revision, deployment.cd_source, deployment.cd_id
    ) as following
    on true
left join
    lateral stg_rollback(following.cd_source, following.cd_id) as rolled_back
    on rolled_back.is_rollback
cross join lateral (
    select
        count(*) as incidents_count,
        count(*) filter (where belonging.resolved_at is null) as open_count,
        max(belonging.resolved_at) as resolved_at,
        json_agg(
            json_build_object(
                'source', belonging.incident_source, 'id', belonging.incident_id,
                'why', belonging.why
            )
            order by belonging.detected_at, belonging.incident_source, belonging.incident_id
        ) as incidents
    from (
        select event.cd_source as incident_source, event.cd_subject_id as incident_id
        from named_deployments as named
        inner join cdevents_raw as event using (cd_source, cd_id)
        where named.deployment_id = deployment.cd_id
        union
        select incident.incident_source, incident.incident_id
        from incidents as incident
        where
            incident.environment_id = deployment.environment_id
            and incident.artifact_id = deployment.artifact_id
            and incident.detected_at > deployment.cd_timestamp
        union
        select incident.incident_source, incident.incident_id
        from incidents as incident
        where
            incident.service_id = deployment.service_id
            and incident.environment_id = deployment.environment_id
            and incident.detected_at > deployment.cd_timestamp
            and incident.detected_at <= deployment.cd_timestamp + (
                select setting.incident_window from metric_settings as setting
            )
    ) as candidate
    cross join
        lateral stg_incident_deployment(
            candidate.incident_source, candidate.incident_id
        ) as belonging
    where (belonging.deploy_source, belonging.deploy_id) = (deployment.cd_source, deployment.cd_id)
) as own;

alter view stg_failures owner to dora_owner;
grant select on stg_failures to dora_writer, dora_reader;

-- The same for one deployment.
create or replace function stg_failure(source text, id text)
returns setof stg_failures
language sql stable as $$
    select known.* from stg_failures as known
    where known.cd_source = stg_failure.source and known.cd_id = stg_failure.id
    limit 1
$$;
-- To which deployments the incidents of given events belong, or did before: those that any telling
-- of the incident names, and the latest before each time and place that its tellings say.
create or replace function stg_belonging(sources text[], ids text[])
returns table (cd_source text, cd_id text)
language sql stable as $$
    with tellings as materialized (
        select * from stg_incident_tellings(stg_belonging.sources, stg_belonging.ids)
    ),

    services as (select distinct cd_source, cd_subject_id, service_id from tellings),

    environments as (select distinct cd_source, cd_subject_id, environment_id from tellings),

    artifacts as (select distinct cd_source, cd_subject_id, artifact_id from tellings),

    detections as (
        select distinct cd_source, cd_subject_id, cd_timestamp from tellings
        where cd_predicate <> 'resolved'
    ),

    moments as (
        select * from detections
        inner join services using (cd_source, cd_subject_id)
        inner join environments using (cd_source, cd_subject_id)
        inner join artifacts using (cd_source, cd_subject_id)
    ),

    names as (
        select named.deployment_id
        from tellings
        inner join named_deployments as named using (cd_source, cd_id)
        union
        select replaced.content #>> '{customData,dora,deployment}'
        from tellings
        inner join cdevents_replaced as replaced using (cd_source, cd_id)
        union
        select coalesce(link #>> '{target,contextId}', link #>> '{from,contextId}')
        from tellings
        inner join cdevents_replaced as replaced using (cd_source, cd_id)
        cross join
            jsonb_array_elements(coalesce(replaced.content #> '{context,links}', '[]')) as link
    )

    select deployment.cd_source, deployment.cd_id
    from names
    inner join stg_service_events as deployment on names.deployment_id = deployment.cd_id
    union
    select latest.cd_source, latest.cd_id
    from moments
    cross join
        lateral stg_latest_deployment(
            moments.service_id, moments.environment_id, moments.cd_timestamp
        ) as latest
    union
    select latest.cd_source, latest.cd_id
    from moments
    cross join
        lateral stg_latest_deployment_of_artifact(
            moments.artifact_id, moments.service_id, moments.environment_id, moments.cd_timestamp
        ) as latest
$$;
-- Of which deployments it may change whether they are rollbacks, failed, or rework, when events are
-- given: themselves and the revision after them, those beside them, those that return to what they
-- ran, those that incidents are taken from; and those that given incidents belong to.
create or replace function stg_affected_deployments(sources text[], ids text[])
returns table (cd_source text, cd_id text)
language sql stable as $$
    with given as materialized (
        select * from stg_given(stg_affected_deployments.sources, stg_affected_deployments.ids)
    ),

    changed as materialized (
        select
            given.cd_source, given.cd_id, given.cd_timestamp, given.service_id,
            given.environment_id, given.artifact_id, given.deployment_uid,
            given.template_fingerprint, coalesce(given.deployment_revision, -1) as revision
        from given
        where
            given.cd_subject = 'service'
            and given.cd_predicate in ('deployed', 'upgraded', 'rolledback')
        union
        select
            later.cd_source, later.cd_id, later.cd_timestamp, later.service_id,
            later.environment_id, later.artifact_id, later.deployment_uid,
            later.template_fingerprint, later.deployment_revision
        from given
        cross join
            lateral stg_next_revision(
                given.cd_source, given.deployment_uid, given.deployment_revision
            ) as later
    ),

    returning_later as (
        select found.*
        from changed
        cross join lateral (
            (
                select deployment.* from stg_deployments as deployment
                where
                    deployment.service_id = changed.service_id
                    and deployment.environment_id = changed.environment_id
                    and deployment.artifact_id = changed.artifact_id
                    and (
                        deployment.cd_timestamp, deployment.revision, deployment.cd_source,
                        deployment.cd_id
                    )
                    > (changed.cd_timestamp, changed.revision, changed.cd_source, changed.cd_id)
                order by
                    deployment.cd_timestamp, deployment.revision, deployment.cd_source,
                    deployment.cd_id
                limit 1
            )
            union all
            (
                select deployment.* from stg_deployments as deployment
                where
                    deployment.cd_source = changed.cd_source
                    and deployment.deployment_uid = changed.deployment_uid
                    and deployment.template_fingerprint = changed.template_fingerprint
                    and deployment.service_id = changed.service_id
                    and deployment.environment_id = changed.environment_id
                    and (
                        deployment.cd_timestamp, deployment.revision, deployment.cd_source,
                        deployment.cd_id
                    )
                    > (changed.cd_timestamp, changed.revision, changed.cd_source, changed.cd_id)
                order by
                    deployment.cd_timestamp, deployment.revision, deployment.cd_source,
                    deployment.cd_id
                limit 1
            )
        ) as found
    ),

    centres as materialized (
        select
            changed.cd_source, changed.cd_id, changed.cd_timestamp, changed.revision,
            changed.service_id, changed.environment_id
        from changed
        union
        select
            later.cd_source, later.cd_id, later.cd_timestamp, later.revision,
            later.service_id, later.environment_id
        from returning_later as later
    ),

    -- From these an incident that names its artifact may be taken, or come back to them.
    same_artifact_before as (
        select found.cd_source, found.cd_id
        from changed
        cross join (values (true), (false)) as kind (is_same_service)
        cross join lateral (
            select deployment.cd_source, deployment.cd_id from stg_deployments as deployment
            where
                deployment.environment_id = changed.environment_id
                and deployment.artifact_id = changed.artifact_id
                and (deployment.service_id = changed.service_id or not kind.is_same_service)
                and (
                    deployment.cd_timestamp, deployment.revision, deployment.cd_source,
                    deployment.cd_id
                )
                < (changed.cd_timestamp, changed.revision, changed.cd_source, changed.cd_id)
            order by
                deployment.cd_timestamp desc, deployment.revision desc, deployment.cd_source desc,
                deployment.cd_id desc
            limit 1
        ) as found
    ),

    -- These name a given deployment, and may be taken from others or come back to them.
    naming_incidents as (
        select event.cd_source, event.cd_id
        from changed
        inner join named_deployments as named on changed.cd_id = named.deployment_id
        inner join cdevents_raw as event
            on named.cd_source = event.cd_source and named.cd_id = event.cd_id
    )

    select centres.cd_source, centres.cd_id from centres
    union
    select before.cd_source, before.cd_id
    from centres
    cross join
        lateral stg_deployment_before(
            centres.service_id, centres.environment_id, centres.cd_timestamp, centres.revision,
            centres.cd_source, centres.cd_id
        ) as before
    union
    select later.cd_source, later.cd_id
    from centres
    cross join
        lateral stg_deployment_after(
            centres.service_id, centres.environment_id, centres.cd_timestamp, centres.revision,
            centres.cd_source, centres.cd_id
        ) as later
    union
    select same.cd_source, same.cd_id from same_artifact_before as same
    union
    select belonging.cd_source, belonging.cd_id
    from stg_belonging(
        stg_affected_deployments.sources, stg_affected_deployments.ids
    ) as belonging
    union
    select belonging.cd_source, belonging.cd_id
    from naming_incidents as naming
    cross join
        lateral stg_belonging(array[naming.cd_source], array[naming.cd_id]) as belonging
$$;
-- One row per change: a commit of a branch in all its tellings. A commit time told together with
-- the opening of a pull request goes before others: a squash makes a new commit at the merge.
create or replace view stg_changes as
with told as (
    select
        repository_id,
        branch,
        sha,
        bool_or(opened_at is not null) as is_opened,
        min(committed_at) filter (where opened_at is not null) as committed_before_opening_at,
        min(committed_at) as committed_at,
        min(opened_at) as opened_at,
        min(merged_at) as merged_at,
        max(mainline_position) as mainline_position
    from change_commits
    group by repository_id, branch, sha
)

select
    repository_id,
    branch,
    sha,
    case when is_opened then committed_before_opening_at else committed_at end as committed_at,
    opened_at,
    merged_at,
    mainline_position
from told;

alter view stg_changes owner to dora_owner;
grant select on stg_changes to dora_writer, dora_reader;
-- What names a change and was last told of an artifact by its tag or id, at a moment at the latest;
-- where there is none, first after it. Or no row.
create or replace function stg_nearest_artifact(artifact_key text, moment timestamptz)
returns table (cd_source text, cd_id text)
language sql stable as $$
    select found.cd_source, found.cd_id
    from (
        (
            select artifact.cd_source, artifact.cd_id, false as is_late
            from artifact_keys as artifact
            where
                artifact.artifact_key = stg_nearest_artifact.artifact_key
                and artifact.names_change
                and artifact.cd_timestamp <= stg_nearest_artifact.moment
            order by artifact.cd_timestamp desc, artifact.cd_source desc, artifact.cd_id desc
            limit 1
        )
        union all
        (
            select artifact.cd_source, artifact.cd_id, true
            from artifact_keys as artifact
            where
                artifact.artifact_key = stg_nearest_artifact.artifact_key
                and artifact.names_change
                and artifact.cd_timestamp > stg_nearest_artifact.moment
            order by artifact.cd_timestamp, artifact.cd_source, artifact.cd_id
            limit 1
        )
    ) as found
    order by found.is_late
    limit 1
$$;
-- Which change a deployment names, itself (1) or by its artifact: by its digest (2), by the digest
-- that was last told under its tag before it (3), by what was last told of its tag or id before it,
-- or else first after it (4). One row per deployment, nulls where it names no known change.
create or replace view stg_deployed_changes as
select
    deployment.cd_source,
    deployment.cd_id,
    deployment.service_id,
    deployment.environment_id,
    deployment.cd_timestamp,
    deployment.revision,
    change.repository_id,
    change.branch,
    change.sha,
    change.mainline_position
from stg_deployments as deployment
left join lateral (
    select candidate.repository_id, candidate.branch, candidate.sha
    from (
        select deployment.commit_id as change_name, deployment.repository_id, 1 as preference
        where deployment.commit_id is not null
        union
        select named.change_name, null, known.preference
        from (
            select artifact.cd_source, artifact.cd_id, 2 as preference
            from artifact_keys as own
            inner join artifact_keys as artifact using (artifact_key)
            where
                own.cd_source = deployment.cd_source
                and own.cd_id = deployment.cd_id
                and own.artifact_key like 'digest %'
                and artifact.names_change
            union all
            select built.cd_source, built.cd_id, 3
            from artifact_keys as own
            cross join
                lateral (
                    select tag.cd_source, tag.cd_id from artifact_keys as tag
                    where
                        tag.artifact_key = own.artifact_key
                        and tag.cd_subject = 'artifact'
                        and tag.has_digest
                        and tag.cd_timestamp <= deployment.cd_timestamp
                    order by tag.cd_timestamp desc, tag.cd_source desc, tag.cd_id desc
                    limit 1
                ) as last_told
            inner join artifact_keys as digest
                on last_told.cd_source = digest.cd_source and last_told.cd_id = digest.cd_id
            inner join artifact_keys as built
                on digest.artifact_key = built.artifact_key
            where
                own.cd_source = deployment.cd_source
                and own.cd_id = deployment.cd_id
                and own.artifact_key like 'tag %'
                and digest.artifact_key like 'digest %'
                and built.names_change
            union all
            select nearest.cd_source, nearest.cd_id, 4
            from (
                select key.artifact_key from artifact_keys as key
                where
                    key.cd_source = deployment.cd_source
                    and key.cd_id = deployment.cd_id
                    and key.artifact_key not like 'digest %'
                order by key.artifact_key like 'tag %' desc
                limit 1
            ) as own
            cross join
                lateral stg_nearest_artifact(own.artifact_key, deployment.cd_timestamp) as nearest
        ) as known
        cross join
            lateral (
                -- The limit keeps it a look-up: many share a tag that moves.
                select artifact.change_id, artifact.commit_id from cdevents_raw as artifact
                where
                    artifact.cd_source = known.cd_source
                    and artifact.cd_id = known.cd_id
                order by artifact.cd_id
                limit 1
            ) as telling
        cross join
            lateral (values (telling.change_id), (telling.commit_id)) as named (change_name)
        where named.change_name is not null
    ) as told
    cross join
        lateral (
            select commit.repository_id, commit.branch, commit.sha
            from change_commits as commit
            where commit.sha = told.change_name
            union all
            select commit.repository_id, commit.branch, commit.sha
            from change_commits as commit
            where commit.subject_id = told.change_name and commit.is_last
        ) as candidate
    where told.repository_id is null or candidate.repository_id = told.repository_id
    order by told.preference, candidate.repository_id, candidate.branch, candidate.sha
    limit 1
) as named on true
left join lateral (
    select
        commit.repository_id, commit.branch, commit.sha,
        max(commit.mainline_position) as mainline_position
    from change_commits as commit
    where
        commit.repository_id = named.repository_id
        and commit.branch = named.branch
        and commit.sha = named.sha
    group by commit.repository_id, commit.branch, commit.sha
) as change on true;

alter view stg_deployed_changes owner to dora_owner;
grant select on stg_deployed_changes to dora_writer, dora_reader;

-- The same for one deployment.
create or replace function stg_deployed_change(source text, id text)
returns setof stg_deployed_changes
language sql stable as $$
    select known.* from stg_deployed_changes as known
    where known.cd_source = stg_deployed_change.source and known.cd_id = stg_deployed_change.id
    limit 1
$$;
-- Which deployments may name another change when events are given: themselves and the revision
-- after them; those that name a given commit or change, or an artifact that was made of it.
create or replace function stg_naming_deployments(sources text[], ids text[])
returns table (cd_source text, cd_id text)
language sql stable as $$
    with given as materialized (
        select * from stg_given(stg_naming_deployments.sources, stg_naming_deployments.ids)
    ),

    commits as materialized (
        select commit.repository_id, commit.branch, commit.sha
        from given inner join change_commits as commit using (cd_source, cd_id)
        union
        select commit.repository_id, commit.branch, commit.sha
        from given
        inner join cdevents_replaced as replaced using (cd_source, cd_id)
        cross join told_commits(replaced.content, replaced.cd_timestamp) as commit
        where given.cd_subject = 'change'
    ),

    names as materialized (
        select given.cd_subject_id as change_name from given where given.cd_subject = 'change'
        union
        select commits.sha from commits
        union
        -- Told again, a commit may move, and with it what names it by another event's subject.
        select telling.subject_id
        from commits
        inner join change_commits as telling using (repository_id, branch, sha)
        where telling.is_last
    ),

    artifacts as (
        select
            given.cd_subject_id as purl, given.cd_timestamp,
            given.change_id is not null or given.commit_id is not null as names_change
        from given
        where given.cd_subject = 'artifact'
        union
        select artifact.cd_subject_id, artifact.cd_timestamp, true
        from names
        inner join cdevents_raw as artifact on names.change_name = artifact.change_id
        union
        select artifact.cd_subject_id, artifact.cd_timestamp, true
        from names
        inner join cdevents_raw as artifact on names.change_name = artifact.commit_id
        where artifact.cd_subject = 'artifact'
    ),

    keys as materialized (
        select
            key.artifact_key, artifacts.cd_timestamp, artifacts.names_change,
            bool_or(key.artifact_key like 'digest %') over (
                partition by artifacts.purl
            ) as has_digest
        from artifacts
        cross join artifact_keys(artifacts.purl) as key (artifact_key)
    ),

    -- Under a tag or id, an artifact is what is deployed until the next one is told; the first one
    -- also before it. Who is deployed by a tag is known by the digest that is told with it.
    spans as (
        select
            keys.artifact_key,
            case
                when exists (
                    select from artifact_keys as earlier
                    where
                        earlier.artifact_key = keys.artifact_key
                        and earlier.names_change
                        and earlier.cd_timestamp < keys.cd_timestamp
                ) then keys.cd_timestamp
                else '-infinity'
            end as starts_at,
            (
                select min(later.cd_timestamp) from artifact_keys as later
                where
                    later.artifact_key = keys.artifact_key
                    and later.names_change
                    and later.cd_timestamp > keys.cd_timestamp
            ) as ends_at
        from keys
        where keys.names_change and keys.artifact_key not like 'digest %'
        union
        select
            tagged.artifact_key, tagged.cd_timestamp,
            (
                select min(later.cd_timestamp) from artifact_keys as later
                where
                    later.artifact_key = tagged.artifact_key
                    and later.cd_subject = 'artifact'
                    and later.has_digest
                    and later.cd_timestamp > tagged.cd_timestamp
            )
        from (
            select keys.artifact_key, keys.cd_timestamp from keys where keys.has_digest
            union
            select tag.artifact_key, tag.cd_timestamp
            from keys
            inner join artifact_keys as digest using (artifact_key)
            inner join artifact_keys as tag
                on digest.cd_source = tag.cd_source and digest.cd_id = tag.cd_id
            where
                keys.artifact_key like 'digest %'
                and digest.cd_subject = 'artifact'
                and digest.has_digest
        ) as tagged
        where tagged.artifact_key like 'tag %'
        union
        select keys.artifact_key, '-infinity', null from keys
        where keys.artifact_key like 'digest %'
    )

    select given.cd_source, given.cd_id from given where given.cd_subject = 'service'
    union
    select later.cd_source, later.cd_id
    from given
    cross join
        lateral stg_next_revision(
            given.cd_source, given.deployment_uid, given.deployment_revision
        ) as later
    union
    select event.cd_source, event.cd_id
    from names
    inner join cdevents_raw as event on names.change_name = event.commit_id
    where event.cd_subject = 'service'
    union
    select key.cd_source, key.cd_id
    from spans
    cross join
        lateral (
            select deployed.cd_source, deployed.cd_id from artifact_keys as deployed
            where
                deployed.artifact_key = spans.artifact_key
                and deployed.cd_subject = 'service'
                and deployed.cd_timestamp >= spans.starts_at
                and deployed.cd_timestamp < coalesce(spans.ends_at, 'infinity')
            -- Keeps it a look-up: many share a tag that moves.
            offset 0
        ) as key
$$;
-- What the statements that answer questions share: the groups, the buckets and the filters.
--   group_by                service, environment, team, or null for one group
--   teams                   JSON object of the teams by service
--   bucket                  day, week, month, year or all
--   services, environments  null for all
--   exceptions              JSON object, by service and environment: whether it is asked for, where
--                           environments do not say so; or null
-- PostgreSQL puts each expression in the place of its call, so that a filter that is null costs
-- nothing and the others find rows by indexes.

-- The name of the group that a service and environment are in.
create or replace function asked_group(
    group_by text, service_id text, environment_id text, teams jsonb
)
returns text
language sql immutable as $$
    select case group_by
        when 'service' then service_id
        when 'environment' then environment_id
        when 'team' then teams ->> service_id
    end
$$;

-- When the bucket of a moment begins; null where all is one bucket.
create or replace function asked_bucket(bucket text, moment timestamptz) returns timestamptz
language sql stable as $$
    select case
        when bucket <> 'all' then date_trunc(nullif(bucket, 'all'), moment, 'UTC')
    end
$$;

-- Whether the filters let a service and environment through.
-- A case, for without exceptions it leaves nothing behind in the plan, as a coalesce would.
create or replace function is_asked(
    service_id text, environment_id text, services text[], environments text[], exceptions jsonb
)
returns boolean
language sql immutable as $$
    select
        (services is null or service_id = any(services))
        and case
            when exceptions -> service_id ? environment_id
                then (exceptions -> service_id ->> environment_id)::boolean
            else environments is null or environment_id = any(environments)
        end
$$;
