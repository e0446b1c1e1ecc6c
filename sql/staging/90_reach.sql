-- Note what a deployment is the first to reach of a repository, of a commit that it names. What
-- contradicts it is not reached; then of all the rest it is not said that all which that reaches is
-- reached, so that later deployments look at it again.
create or replace function reach_named(
    deployment record, repository_url text, source text, id text, at_place integer, is_first boolean
)
returns void
language plpgsql as $$
begin
    with passed as materialized (
        select * from walk(
            deployment.service_id, deployment.environment_id, reach_named.repository_url, source,
            id, at_place
        )
    ),

    -- A step's commits were first reported with it at the latest.
    doubted as materialized (
        select
            passed.step_source, passed.step_id, within.place,
            contradicts(
                within.repository_url, within.sha, within.committed_at, within.merged_at,
                deployment.commits || deployment.listed, deployment.deployed_at
            ) as is_contradiction
        from passed
        cross join lateral step_of(passed.step_source, passed.step_id) as step
        cross join lateral changes_between(
            passed.step_source, passed.step_id, passed.after_place, passed.place
        ) as within
        where step.merged_at > deployment.deployed_at + interval '5 minutes'
    ),

    verdict as (
        select coalesce(bool_or(doubted.is_contradiction), false) as is_open from doubted
    )

    insert into reached_steps (
        service_id, environment_id, repository_url, step_source, step_id, after_place, place, kind,
        is_first, deploy_source, deploy_id, deployed_at, revision
    )
    select
        deployment.service_id, deployment.environment_id, reach_named.repository_url,
        passed.step_source, passed.step_id, coalesce(doubted.place - 1, passed.after_place),
        coalesce(doubted.place, passed.place),
        case
            when not verdict.is_open then 'closed'
            when doubted.is_contradiction then 'contradiction'
            else 'open'
        end,
        is_first, deployment.deploy_source, deployment.deploy_id, deployment.deployed_at,
        deployment.revision
    from passed
    cross join verdict
    left join doubted
        on
            verdict.is_open
            and passed.step_source = doubted.step_source
            and passed.step_id = doubted.step_id;
end
$$;

-- Note what a deployment is the first to reach: all that the changes which it names reach, and what
-- it lists. Whether it is the first that names a change of a repository is known before that.
create or replace function reach(deployment record) returns void
language plpgsql as $$
declare
    named record;
    firsts text[] := '{}';
begin
    for named in
        select known.* from unnest(deployment.commits) as name
        cross join lateral named_change(name) as known
    loop
        if not exists (
            select from reached_steps as mark
            where
                mark.service_id = deployment.service_id
                and mark.environment_id = deployment.environment_id
                and mark.repository_url = named.repository_url
                and mark.kind in ('closed', 'open')
        ) then
            firsts := firsts || named.repository_url;
        end if;
        perform reach_named(
            deployment, named.repository_url, named.step_source, named.step_id, named.place,
            named.repository_url = any(firsts)
        );
    end loop;
    if deployment.listed = '{}' then
        return;
    end if;
    insert into reached_steps (
        service_id, environment_id, repository_url, step_source, step_id, after_place, place, kind,
        is_first, deploy_source, deploy_id, deployed_at, revision
    )
    select distinct
        deployment.service_id, deployment.environment_id, known.repository_url, known.step_source,
        known.step_id, known.place - 1, known.place, 'listed', known.repository_url = any(firsts),
        deployment.deploy_source, deployment.deploy_id, deployment.deployed_at, deployment.revision
    from unnest(deployment.listed) as name
    cross join lateral named_change(name) as known;
end
$$;

comment on function reach(record) is
'Note what a deployment is the first to reach in its service and environment.';
