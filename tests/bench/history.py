"""Three years of what services do: the log, what it tells, and what is computed of it.

Every deployment ships the three commits of its own push, the first one of a service only the last of
them. Every twentieth fails: an incident is detected half an hour after it, and resolved an hour and
a half later.

Each table is filled by one statement; tests/bench/test_history.py compares them with what following
the same events makes.
"""

from __future__ import annotations

SERVICES = 500

# The deployments to fill with. :name of services, before their numbers, and :services how many;
# :after, :until numbers of deployments; :newest the number of the one that happens at :newest_at.
ROLLOUTS = """
create temporary table rollouts as
select
    numbered.*,
    'change ' || id as change_id, 'incident ' || id as incident_id,
    'https://kubernetes.example' as source, 'production' as environment,
    deployed_at - interval '2 hours' as merged_at,
    deployed_at + interval '30 minutes' as detected_at,
    deployed_at + interval '2 hours' as resolved_at,
    'https://github.com/acme/' || service as repository,
    array['https://github.com/acme/' || service || ' ' || sha] as commits,
    'ghcr.io/acme/' || service || ':1.' || number as tag_key,
    'pkg:oci/service?repository_url=ghcr.io/acme/' || service || '&tag=1.' || number as artifact,
    md5(id) || md5(service) as template,
    md5(service)::uuid::text as uid,
    'production uid https://kubernetes.example ' || md5(service)::uuid as target,
    md5(
        'pkg:oci/service?repository_url=ghcr.io/acme/' || service || '&tag=1.' || number
        || E'\\n-\\n' || array['https://github.com/acme/' || service || ' ' || sha]::text
    )::uuid as version
from (
    select
        number, md5(:name::text || number)::uuid::text as id,
        md5(md5(:name::text || number)::uuid || '3') as sha,
        case
            when number > :services::integer
                then 'change ' || md5(:name::text || (number - :services::integer))::uuid
        end as change_before,
        number % 20 = 0 as is_failed,
        :newest_at::timestamptz
        - (:newest::bigint - number) * interval '3 years' / :newest::bigint as deployed_at,
        :name::text || number % :services::integer as service,
        'team-' || number % :services::integer % 25 as team,
        (number - 1) / :services::integer + 1 as revision
    from generate_series(:after::bigint + 1, :until::bigint) as number
) as numbered
order by number
"""

LOG = """
insert into cdevents_raw (cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, content)
with happening as (
    select
        source, change_id as id, merged_at as happened_at, 'change.merged.0.3.0' as kind,
        sha as subject,
        jsonb_build_object('repository', jsonb_build_object('id', repository)) as content,
        jsonb_build_object('dora', jsonb_build_object('branch', 'main', 'commits', (
            select jsonb_agg(jsonb_build_object(
                'sha', md5(id || place), 'committedAt', deployed_at - (8 - place) * interval '1 hour'
            ) order by place)
            from generate_series(1, 3) as place
        ))) as custom_data
    from rollouts
    union all
    select
        source, id, deployed_at, 'service.upgraded.0.3.0', service,
        jsonb_build_object(
            'environment', jsonb_build_object('id', environment), 'artifactId', artifact
        ),
        jsonb_build_object('dora', jsonb_build_object(
            'commit', sha, 'repository', repository, 'team', team,
            'images', jsonb_build_array(artifact), 'templateFingerprint', template,
            'uid', uid, 'revision', revision
        ))
    from rollouts
    union all
    select
        source, predicate || ' ' || id, case when predicate = 'detected' then detected_at
        else resolved_at end, 'incident.' || predicate || '.0.3.0', incident_id,
        jsonb_build_object(
            'environment', jsonb_build_object('id', environment),
            'service', jsonb_build_object('id', service)
        ),
        null
    from rollouts
    cross join (values ('detected'), ('resolved')) as part (predicate)
    where is_failed
)

select
    source, id, happened_at, 'dev.cdevents.' || kind, subject,
    jsonb_build_object(
        'context', jsonb_build_object(
            'specversion', '0.5.1', 'id', id, 'source', source,
            'type', 'dev.cdevents.' || kind, 'timestamp', happened_at
        ),
        'subject', jsonb_build_object('id', subject, 'content', content),
        'customData', custom_data
    )
from happening
order by happened_at, id
"""

NAMED_SERVICES = """
insert into named_services as known (
    service_name, cd_source, environment_name, first_named_at, team, team_named_at, team_named_by
)
select service, source, environment, min(deployed_at), max(team), max(deployed_at),
    (array_agg(id order by number desc))[1]
from rollouts
group by service, source, environment
on conflict (service_name, names_digest(service_names), cd_source, environment_name) do update set
    team_named_at = excluded.team_named_at, team_named_by = excluded.team_named_by
"""
NAMED_ENVIRONMENTS = """
insert into named_environments (environment_name) select distinct environment from rollouts
on conflict do nothing
"""
CHANGES_MERGED = """
insert into changes_merged (
    cd_source, cd_id, repository_url, branch, merged_at, subject_id, last_sha, reports_merge,
    total_commits
)
select source, change_id, repository, 'main', merged_at, sha, sha, false, 3 from rollouts
"""
CHANGE_COMMITS = """
insert into change_commits (cd_source, cd_id, sha, place, committed_at)
select source, change_id, md5(id || place), place, deployed_at - (8 - place) * interval '1 hour'
from rollouts
cross join generate_series(1, 3) as place
"""
SERVICE_EVENTS = """
insert into service_events (
    cd_source, cd_id, predicate, happened_at, revision, service_name, environment_name, uid,
    repository_url, artifact, tag_key, images, commit_name, template_fingerprint, is_unplanned,
    assumed_environment, listed_commits
)
select
    source, id, 'upgraded', deployed_at, revision, service, environment, uid, repository, artifact,
    tag_key, array[artifact], sha, template, false, false, '{}'
from rollouts
"""
VERSION_KEYS = """
insert into version_keys (key, happened_at, cd_source, cd_id, is_service)
select key, deployed_at, source, id, true from rollouts
cross join lateral (values ('tag ' || tag_key), ('commit ' || left(sha, 7))) as named (key)
"""
INCIDENT_EVENTS = """
insert into incident_events (
    cd_source, cd_id, incident_id, predicate, happened_at, service_name, environment_name,
    assumed_environment
)
select source, predicate || ' ' || id, incident_id, predicate, happened_at, service, environment,
    false
from rollouts
cross join lateral (values ('detected', detected_at), ('resolved', resolved_at))
    as part (predicate, happened_at)
where is_failed
"""

STEPS = """
insert into steps (
    step_source, step_id, repository_url, branch_key, merged_at, is_step, last_place,
    is_incomplete, parent_source, parent_id, parent_place
)
select
    source, change_id, repository, 'main', merged_at, true, 3, false,
    case when change_before is not null then source end, change_before,
    case when change_before is not null then 3 end
from rollouts
"""
CHANGES = """
insert into changes (
    repository_url, sha, step_source, step_id, place, committed_at, merged_at, is_bot, is_merge
)
select
    repository, md5(id || place), source, change_id, place,
    deployed_at - (8 - place) * interval '1 hour', merged_at, false, false
from rollouts
cross join generate_series(1, 3) as place
"""
VERSIONS = """
insert into versions (service_id, version, artifact, commits, shas)
select service, version, artifact, commits, array[sha] from rollouts
"""
TIMELINE = """
insert into timeline (
    cd_source, cd_id, service_id, environment_id, happened_at, revision, started_at, is_unplanned,
    environment_name, uid, repository_url, target, is_removal, artifact, commits, version,
    template_fingerprint, is_rollout, goes_back, deploy_source, deploy_id
)
select
    source, id, service, environment, deployed_at, revision, deployed_at, false, environment, uid,
    repository, target, false, artifact, commits, version, template, true, false, source, id
from rollouts
"""
TIMELINE_DEPLOYMENTS = """
insert into timeline_deployments (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, revision, started_at,
    completed_at, is_rollback, is_unplanned, predicate, artifact, tag_key, commits, version
)
select
    source, id, service, environment, deployed_at, revision, deployed_at, deployed_at, false, false,
    'upgraded', artifact, tag_key, commits, version
from rollouts
"""
TIMELINE_TARGETS = """
insert into timeline_targets (
    service_id, environment_id, target, environment_name, uid_source, last_at, last_revision,
    last_source, last_id, run_source, run_id, rollout_source, rollout_id
)
select distinct on (service)
    service, environment, target, environment, source, deployed_at, revision, source, id, source,
    id, source, id
from rollouts
order by service, number desc
on conflict (service_id, environment_id, target) do update set
    last_at = excluded.last_at, last_revision = excluded.last_revision,
    last_id = excluded.last_id, run_id = excluded.run_id, rollout_id = excluded.rollout_id
"""
TIMELINE_REPOSITORIES = """
insert into timeline_repositories (service_id, repository_url, cd_source, cd_id)
select service, repository, source, id from rollouts
"""
DEPLOYED_ENVIRONMENTS = """
insert into deployed_environments (service_id, environment_id, tier)
select distinct service, environment, environment from rollouts
on conflict do nothing
"""
INCIDENTS = """
insert into incidents (
    incident_source, incident_id, detected_at, resolved_at, service_id, environment_id,
    assumed_environment, counts
)
select source, incident_id, detected_at, resolved_at, service, environment, false, true
from rollouts
where is_failed
"""
INCIDENT_OPENINGS = """
insert into incident_openings (
    incident_source, incident_id, begins_at, ends_at, service_id, environment_id
)
select source, incident_id, detected_at, resolved_at, service, environment
from rollouts
where is_failed
"""
INCIDENT_DEPLOYMENTS = """
insert into incident_deployments (incident_source, incident_id, deploy_source, deploy_id, why)
select source, incident_id, source, id, 'it is the latest of its service before it'
from rollouts
where is_failed
"""

DEPLOYMENTS = """
insert into deployments (
    deploy_source, deploy_id, deploy_name, time_created, environment_id, artifact_id, predicate
)
select source, id, service, deployed_at, environment, artifact, 'upgraded' from rollouts
"""
DEPLOYED_CHANGES = """
insert into deployed_changes (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, revision, commits, listed,
    is_linked
)
select source, id, service, environment, deployed_at, revision, commits, '{}', true
from rollouts
"""
REACHED_STEPS = """
insert into reached_steps (
    service_id, environment_id, repository_url, step_source, step_id, place, after_place, kind,
    is_first, deploy_source, deploy_id, deployed_at, revision
)
select
    service, environment, repository, source, change_id, 3, 0, 'closed', change_before is null,
    source, id, deployed_at, revision
from rollouts
"""
SHIPPED_CHANGES = """
insert into shipped_changes (
    deploy_source, deploy_id, repository_id, sha, branch, service_id, environment_id, committed_at,
    merged_at, deployed_at, revision, is_bot, clock, lead_time_seconds, merged_to_deployed_seconds
)
select
    source, id, repository, md5(id || place), 'main', service, environment,
    deployed_at - (8 - place) * interval '1 hour', merged_at, deployed_at, revision, false,
    'commit', (8 - place) * 3600, 2 * 3600
from rollouts
cross join generate_series(1, 3) as place
where place = 3 or change_before is not null
"""
DEPLOYMENT_FAILURES = """
insert into deployment_failures (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, is_rollback, is_failed,
    incidents
)
select
    source, id, service, environment, deployed_at, false, is_failed,
    case when is_failed then jsonb_build_array(jsonb_build_object(
        'source', source, 'id', incident_id, 'why', 'it is the latest of its service before it'
    )) end
from rollouts
"""
RECOVERIES = """
insert into recoveries (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, recovered_at
)
select source, id, service, environment, deployed_at, resolved_at
from rollouts
where is_failed
"""
DEPLOYMENT_REWORKS = """
insert into deployment_reworks (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, is_rollback,
    is_during_incident, is_unplanned
)
select source, id, service, environment, deployed_at, false, false, false from rollouts
"""

# What a trigger writes beside the log; what all metrics share; and their own tables.
TABLES = {
    "named_services": NAMED_SERVICES,
    "named_environments": NAMED_ENVIRONMENTS,
    "changes_merged": CHANGES_MERGED,
    "change_commits": CHANGE_COMMITS,
    "service_events": SERVICE_EVENTS,
    "version_keys": VERSION_KEYS,
    "incident_events": INCIDENT_EVENTS,
    "steps": STEPS,
    "changes": CHANGES,
    "versions": VERSIONS,
    "timeline": TIMELINE,
    "timeline_deployments": TIMELINE_DEPLOYMENTS,
    "timeline_targets": TIMELINE_TARGETS,
    "timeline_repositories": TIMELINE_REPOSITORIES,
    "deployed_environments": DEPLOYED_ENVIRONMENTS,
    "incidents": INCIDENTS,
    "incident_openings": INCIDENT_OPENINGS,
    "incident_deployments": INCIDENT_DEPLOYMENTS,
    "deployments": DEPLOYMENTS,
    "deployed_changes": DEPLOYED_CHANGES,
    "reached_steps": REACHED_STEPS,
    "shipped_changes": SHIPPED_CHANGES,
    "deployment_failures": DEPLOYMENT_FAILURES,
    "recoveries": RECOVERIES,
    "deployment_reworks": DEPLOYMENT_REWORKS,
}
# Few rows, each found again by its key.
LOOKED_INTO = ("named_services", "named_environments", "timeline_targets", "deployed_environments")
# The trigger does not run, for these statements make many rows at a time.
FILLED = [
    *("drop table if exists rollouts", ROLLOUTS, "set session_replication_role = replica"),
    *(LOG, *TABLES.values(), "set session_replication_role = origin"),
]

FOLLOWED = """
insert into processed_events (consumer, seq)
select
    metric, case when metric = 'timeline' then (select coalesce(max(seq), 0) from cdevents_raw)
    else 0 end
from unnest(array_append(:metrics::text[], 'timeline')) as metric
on conflict (consumer) do update set seq = excluded.seq
"""

# Whether a tick was at the end of the log, and the metrics renewed all that it changed.
IS_FOLLOWED = """
select
    (select seq from processed_events where consumer = 'timeline')
    >= (select max(seq) from cdevents_raw)
    and not exists (select from stale_deployments)
"""
