-- What is known of how the artifact of a deployment came to be, the earliest first: one row per
-- event that says what it was made of, or that it was published.
-- :source, :id text, of the deployment
select
    fact.cd_source as source,
    fact.cd_id as id,
    event.cd_predicate as predicate,
    fact.happened_at,
    fact.artifact,
    coalesce(fact.commit_name, fact.change_name) as commit,
    event.content #>> '{customData,dora,url}' as url
from timeline_deployments as deployment
cross join
    lateral (
        select made.cd_source, made.cd_id
        from made_of(deployment.artifact, deployment.deployed_at) as made
        union
        select published.cd_source, published.cd_id
        from artifact_events as published
        where published.digest = deployment.digest
    ) as named
inner join artifact_events as fact using (cd_source, cd_id)
inner join cdevents_raw as event using (cd_source, cd_id)
where (deployment.deploy_source, deployment.deploy_id) = (:source::text, :id::text)
order by fact.happened_at, fact.cd_source, fact.cd_id
limit 20;
