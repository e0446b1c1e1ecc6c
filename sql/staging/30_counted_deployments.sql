-- Those of some deployments that count, as persons correct them: one row per deployment.
--
-- Functions, not views, are what rows are computed from: a rebuild runs them over tables of its
-- own, and a view would go on reading those that are served.
create or replace function counted_deployments(sources text[], ids text[])
returns table (
    deploy_source text, deploy_id text, service_id text, environment_id text,
    deployed_at timestamptz, revision bigint, predicate text, artifact text, is_rollback boolean,
    is_unplanned boolean, corrected_failed boolean
)
language sql stable as $$
    select
        deployment.deploy_source,
        deployment.deploy_id,
        deployment.service_id,
        deployment.environment_id,
        deployment.deployed_at,
        deployment.revision,
        deployment.predicate,
        deployment.artifact,
        deployment.is_rollback,
        coalesce(correction.unplanned, deployment.is_unplanned),
        correction.failed
    from (
        select distinct asked.deploy_source, asked.deploy_id
        from unnest(sources, ids) as asked (deploy_source, deploy_id)
    ) as given
    inner join timeline_deployments as deployment using (deploy_source, deploy_id)
    left join corrections as correction
        on
            correction.kind = 'deployment'
            and deployment.deploy_source = correction.source
            and deployment.deploy_id = correction.id
    where coalesce(correction.counts, true)
$$;

comment on function counted_deployments is
'Those of some deployments that count, as persons correct them.';

-- The deployments that do not count, for a person says so: few, so that a question leaves them
-- out of very many at once.
create or replace function uncounted_deployments()
returns table (deploy_source text, deploy_id text)
language sql stable as $$
    select correction.source, correction.id from corrections as correction
    where correction.kind = 'deployment' and not correction.counts
$$;

comment on function uncounted_deployments is
'The deployments that do not count, for a person says so.';
