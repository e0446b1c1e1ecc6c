-- How far it is known what a deployment ships: one row. Steps that continue from what nobody knows,
-- or that are not listed whole, count with the deployment that first reaches them; of the first one
-- of a repository, which ships but the change that it names, nothing matters.
create or replace function shipping_doubts(source text, id text)
returns table (gaps integer, incomplete_pushes integer, contradictions integer)
language sql stable as $$
    select
        count(distinct (step.step_source, step.step_id)) filter (where step.is_gap)::integer,
        count(distinct (step.step_source, step.step_id)) filter (where step.is_incomplete)::integer,
        count(distinct (within.repository_url, within.sha))
        filter (where within.sha is not null)::integer
    from deployment_of(shipping_doubts.source, shipping_doubts.id) as deployment
    cross join lateral marks_of(deployment.deploy_source, deployment.deploy_id) as mark
    left join lateral step_of(mark.step_source, mark.step_id) as step
        on
            mark.kind in ('closed', 'open')
            and (step.is_gap or step.is_incomplete)
            and not exists (
                select from marks_in(
                    mark.service_id, mark.environment_id, mark.repository_url, mark.step_source,
                    mark.step_id
                ) as other
                where
                    other.kind in ('closed', 'open')
                    and (other.deployed_at, other.revision, other.deploy_source, other.deploy_id)
                    < (mark.deployed_at, mark.revision, mark.deploy_source, mark.deploy_id)
            )
    left join lateral changes_between(
        mark.step_source, mark.step_id, mark.after_place, mark.place
    ) as within
        on
            mark.kind = 'contradiction'
            and not within.is_merge
            and not exists (
                select from marks_over(
                    mark.service_id, mark.environment_id, within.repository_url, within.sha
                ) as other
                where
                    (other.deployed_at, other.revision, other.deploy_source, other.deploy_id)
                    < (mark.deployed_at, mark.revision, mark.deploy_source, mark.deploy_id)
            )
    where not mark.is_first
$$;

comment on function shipping_doubts is
'How far it is known what a deployment ships: one row.';
