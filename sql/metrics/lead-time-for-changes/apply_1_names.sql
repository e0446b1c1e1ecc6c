-- Turn service, change and artifact events into deployments with the change that they name and the
-- place up to which earlier ones had shipped its branch; mark those that ship anything else now.
-- :source, :id text of one event, or :after, :until bigint places in the log
with touched as materialized (
    select * from stg_naming_deployments(
        :source::text, :id::text, :after::bigint, :until::bigint
    )
),

named as materialized (
    select deployment.*
    from touched
    inner join stg_deployed_changes as deployment using (cd_source, cd_id)
),

known as materialized (
    select
        deployment.deploy_source as cd_source, deployment.deploy_id as cd_id,
        deployment.service_id, deployment.environment_id,
        deployment.deployed_at as cd_timestamp, deployment.revision, deployment.repository_id,
        deployment.branch, deployment.sha, deployment.mainline_position
    from touched
    inner join deployed_changes as deployment
        on
            touched.cd_source = deployment.deploy_source
            and touched.cd_id = deployment.deploy_id
),

-- From where on the deployments of a service and branch have to be looked at again.
starts as materialized (
    select distinct on (service_id, environment_id, repository_id, branch) *
    from (
        select * from named
        union all
        select * from known
    ) as moved
    where repository_id is not null
    order by
        service_id, environment_id, repository_id, branch, cd_timestamp, revision, cd_source, cd_id
),

followed as (
    select
        later.deploy_source as cd_source, later.deploy_id as cd_id,
        later.service_id, later.environment_id, later.deployed_at as cd_timestamp,
        later.revision, later.repository_id, later.branch, later.sha, later.mainline_position
    from starts
    inner join deployed_changes as later
        on
            starts.service_id = later.service_id
            and starts.environment_id = later.environment_id
            and starts.repository_id = later.repository_id
            and starts.branch = later.branch
            and (later.deployed_at, later.revision, later.deploy_source, later.deploy_id)
            >= (starts.cd_timestamp, starts.revision, starts.cd_source, starts.cd_id)
    where
        not exists (
            select from touched
            where touched.cd_source = later.deploy_source and touched.cd_id = later.deploy_id
        )
    union all
    select * from named
    where repository_id is not null
),

placed as (
    select
        followed.*,
        greatest(before.position, max(followed.mainline_position) over (
            partition by
                followed.service_id, followed.environment_id, followed.repository_id,
                followed.branch
            order by
                followed.cd_timestamp, followed.revision, followed.cd_source, followed.cd_id
            rows between unbounded preceding and 1 preceding
        )) as previous_position
    from followed
    inner join starts using (service_id, environment_id, repository_id, branch)
    left join lateral (
        select greatest(earlier.previous_position, earlier.mainline_position) as position
        from deployed_changes as earlier
        where
            earlier.service_id = starts.service_id
            and earlier.environment_id = starts.environment_id
            and earlier.repository_id = starts.repository_id
            and earlier.branch = starts.branch
            and (earlier.deployed_at, earlier.revision, earlier.deploy_source, earlier.deploy_id)
            < (starts.cd_timestamp, starts.revision, starts.cd_source, starts.cd_id)
        order by
            earlier.deployed_at desc, earlier.revision desc, earlier.deploy_source desc,
            earlier.deploy_id desc
        limit 1
    ) as before on true
    union all
    select named.*, null from named
    where named.repository_id is null
),

gone as (
    delete from deployed_changes
    using touched
    where
        deployed_changes.deploy_source = touched.cd_source
        and deployed_changes.deploy_id = touched.cd_id
        and not exists (
            select from named
            where named.cd_source = touched.cd_source and named.cd_id = touched.cd_id
        )
    returning deployed_changes.deploy_source, deployed_changes.deploy_id
),

no_longer_shipped as (
    delete from shipped_changes
    using gone
    where
        shipped_changes.deploy_source = gone.deploy_source
        and shipped_changes.deploy_id = gone.deploy_id
)

insert into deployed_changes (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, revision, repository_id,
    branch, sha, mainline_position, previous_position
)
select
    cd_source, cd_id, service_id, environment_id, cd_timestamp, revision, repository_id,
    branch, sha, mainline_position, previous_position
from placed
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    revision = excluded.revision,
    repository_id = excluded.repository_id,
    branch = excluded.branch,
    sha = excluded.sha,
    mainline_position = excluded.mainline_position,
    previous_position = excluded.previous_position,
    is_stale = true
where
(
    deployed_changes.service_id, deployed_changes.environment_id,
    deployed_changes.deployed_at, deployed_changes.revision,
    deployed_changes.repository_id, deployed_changes.branch, deployed_changes.sha,
    deployed_changes.mainline_position, deployed_changes.previous_position
)
is distinct from (
    excluded.service_id, excluded.environment_id, excluded.deployed_at, excluded.revision,
    excluded.repository_id, excluded.branch, excluded.sha, excluded.mainline_position,
    excluded.previous_position
);
