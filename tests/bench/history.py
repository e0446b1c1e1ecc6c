"""Three years of what 500 services do: the log, and what the metrics make of it.

Every deployment ships the three commits of its own push. Every twentieth fails: an incident is
detected half an hour after it, and resolved an hour and a half later.
"""

from __future__ import annotations

SERVICES = 500

# :after, :until numbers of deployments; :newest the number of the one that happens now.
LOG = """
insert into cdevents_raw (cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, content)
with rollout as materialized (
    select
        md5('event ' || number)::uuid::text as id,
        number % 20 = 0 as is_failed,
        now() - (:newest::bigint - number) * interval '3 years' / :newest::bigint as deployed_at,
        'service-' || number % :services::integer as service,
        'team-' || number % 25 as team,
        'https://github.com/acme/service-' || number % :services::integer as repository,
        number / :services::integer + 1 as revision,
        'pkg:oci/service?repository_url=ghcr.io%2Facme%2Fservice&tag=1.' || number as image
    from generate_series(:after::bigint + 1, :until::bigint) as number
),

happening as (
    select
        'change ' || id as id, deployed_at - interval '2 hours' as happened_at,
        'change.merged.0.3.0' as kind, md5(id || 3) as subject,
        jsonb_build_object('repository', jsonb_build_object('id', repository)) as content,
        jsonb_build_object('dora', jsonb_build_object('branch', 'main', 'commits', (
            select jsonb_agg(jsonb_build_object(
                'sha', md5(id || place), 'committedAt', deployed_at - (8 - place) * interval '1 hour'
            ) order by place)
            from generate_series(1, 3) as place
        ))) as custom_data
    from rollout
    union all
    select
        id, deployed_at, 'service.upgraded.0.3.0', service,
        jsonb_build_object(
            'environment', jsonb_build_object('id', 'production'), 'artifactId', image
        ),
        jsonb_build_object('dora', jsonb_build_object(
            'commit', md5(id || 3), 'repository', repository, 'team', team,
            'images', jsonb_build_array(image), 'templateFingerprint', md5(id) || md5(image),
            'uid', md5(service)::uuid, 'revision', revision
        ))
    from rollout
    union all
    select
        predicate || ' ' || id, deployed_at + after_it, 'incident.' || predicate || '.0.3.0',
        'incident ' || id,
        jsonb_build_object(
            'environment', jsonb_build_object('id', 'production'),
            'service', jsonb_build_object('id', service)
        ),
        null
    from rollout
    cross join (values ('detected', interval '30 minutes'), ('resolved', interval '2 hours'))
        as part (predicate, after_it)
    where is_failed
)

select
    'https://kubernetes.example', id, happened_at, 'dev.cdevents.' || kind, subject,
    jsonb_build_object(
        'context', jsonb_build_object(
            'specversion', '0.5.1', 'id', id, 'source', 'https://kubernetes.example',
            'type', 'dev.cdevents.' || kind, 'timestamp', happened_at
        ),
        'subject', jsonb_build_object('id', subject, 'content', content),
        'customData', custom_data
    )
from happening
order by happened_at
"""

DEPLOYMENTS = """
insert into deployments (
    deploy_source, deploy_id, deploy_name, time_created, environment_id, artifact_id, predicate
)
select cd_source, cd_id, service_id, cd_timestamp, environment_id, artifact_id, cd_predicate
from cdevents_raw
where cd_subject = 'service'
on conflict do nothing
"""

DEPLOYED_CHANGES = """
insert into deployed_changes
select
    event.cd_source, event.cd_id, event.service_id, event.environment_id, event.cd_timestamp,
    event.deployment_revision, commit.repository_id, commit.branch, commit.sha,
    commit.mainline_position,
    lag(commit.mainline_position) over (partition by event.service_id order by event.cd_timestamp)
from cdevents_raw as event
inner join change_commits as commit on event.commit_id = commit.sha
where event.cd_subject = 'service'
order by event.cd_timestamp
on conflict do nothing
"""

SHIPPED_CHANGES = """
insert into shipped_changes
select
    deployment.deploy_source, deployment.deploy_id, commit.sha, commit.repository_id, commit.branch,
    deployment.service_id, deployment.environment_id, commit.committed_at, commit.opened_at,
    commit.merged_at, deployment.deployed_at, 'commit',
    seconds_between(commit.committed_at, deployment.deployed_at)
from deployed_changes as deployment
inner join change_commits as commit
    on deployment.deploy_source = commit.cd_source
    and 'change ' || deployment.deploy_id = commit.cd_id
where deployment.previous_position is not null or deployment.sha = commit.sha
order by deployment.deployed_at
on conflict do nothing
"""

DEPLOYMENT_FAILURES = """
insert into deployment_failures
select
    event.cd_source, event.cd_id, event.service_id, event.environment_id, event.cd_timestamp, false,
    incident.incident_id is not null,
    case when incident.incident_id is not null then jsonb_build_array(jsonb_build_object(
        'source', incident.incident_source, 'id', incident.incident_id,
        'why', 'the deployment is the latest before it'
    )) end
from cdevents_raw as event
left join incidents as incident
    on event.cd_source = incident.incident_source
    and 'incident ' || event.cd_id = incident.incident_id
where event.cd_subject = 'service'
on conflict do nothing
"""

RECOVERIES = """
insert into recoveries
select
    failure.deploy_source, failure.deploy_id, failure.service_id, failure.environment_id,
    failure.deployed_at, failure.deployed_at + interval '2 hours'
from deployment_failures as failure
where failure.is_failed
on conflict do nothing
"""

DEPLOYMENT_REWORKS = """
insert into deployment_reworks
select cd_source, cd_id, service_id, environment_id, cd_timestamp, false, false, false
from cdevents_raw
where cd_subject = 'service'
on conflict do nothing
"""

# What the metrics would have made of the log, in the order in which they would have; each may read
# what stands before it.
TABLES = {
    "deployments": DEPLOYMENTS,
    "deployed_changes": DEPLOYED_CHANGES,
    "shipped_changes": SHIPPED_CHANGES,
    "deployment_failures": DEPLOYMENT_FAILURES,
    "recoveries": RECOVERIES,
    "deployment_reworks": DEPLOYMENT_REWORKS,
}

FOLLOWED = """
insert into processed_events (consumer, seq)
select metric, (select coalesce(max(seq), 0) from cdevents_raw)
from unnest(:metrics::text[]) as metric
on conflict (consumer) do update set seq = excluded.seq
"""
