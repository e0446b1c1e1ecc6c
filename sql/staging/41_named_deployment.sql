-- The deployment that an incident names by an id of one of its rollouts; or no row.
create or replace function named_deployment(source text, id text)
returns table (deploy_source text, deploy_id text)
language sql stable as $$
    select rollout.deploy_source, rollout.deploy_id
    from incident_events as event
    inner join named_deployments as named using (cd_source, cd_id)
    inner join timeline as rollout on named.deployment_id = rollout.cd_id
    where
        (event.cd_source, event.incident_id) = (named_deployment.source, named_deployment.id)
        and rollout.deploy_id is not null
    order by
        named.place > 0, event.happened_at, event.cd_id, named.place, rollout.happened_at,
        rollout.revision, rollout.cd_source, rollout.cd_id
    limit 1
$$;

-- The latest deployment of an artifact that had started before a moment, of a service where one is
-- named: by digest, else by repository and tag, else by the artifact's id; or no row.
create or replace function artifact_deployment(
    artifact text, digest text, tag_key text, service_id text, moment timestamptz
)
returns table (deploy_source text, deploy_id text, why text)
language sql stable as $$
    select found.deploy_source, found.deploy_id, found.why
    from (
        (
            select deployment.deploy_source, deployment.deploy_id, 1 as preference,
                'it names the artifact, by its digest' as why
            from timeline_deployments as deployment
            where
                deployment.digest = artifact_deployment.digest
                and deployment.started_at < artifact_deployment.moment
                and (
                    artifact_deployment.service_id is null
                    or deployment.service_id = artifact_deployment.service_id
                )
            order by
                deployment.deployed_at desc, deployment.revision desc,
                deployment.deploy_source desc, deployment.deploy_id desc
            limit 1
        )
        union all
        (
            select deployment.deploy_source, deployment.deploy_id, 2,
                'it names the artifact, by its repository and tag'
            from timeline_deployments as deployment
            where
                deployment.tag_key = artifact_deployment.tag_key
                and deployment.started_at < artifact_deployment.moment
                and (
                    artifact_deployment.service_id is null
                    or deployment.service_id = artifact_deployment.service_id
                )
            order by
                deployment.deployed_at desc, deployment.revision desc,
                deployment.deploy_source desc, deployment.deploy_id desc
            limit 1
        )
        union all
        (
            select deployment.deploy_source, deployment.deploy_id, 3, 'it names the artifact'
            from timeline_deployments as deployment
            where
                deployment.artifact = artifact_deployment.artifact
                and deployment.started_at < artifact_deployment.moment
                and (
                    artifact_deployment.service_id is null
                    or deployment.service_id = artifact_deployment.service_id
                )
            order by
                deployment.deployed_at desc, deployment.revision desc,
                deployment.deploy_source desc, deployment.deploy_id desc
            limit 1
        )
    ) as found
    order by found.preference
    limit 1
$$;
