-- Turn service, change and artifact events into deployments with the change that they name and the
-- place of its branch up to which earlier ones had shipped, and into the changes that lie between.
-- What has a limit or an offset is looked up by an index, one by one: planned as joins, tables that
-- are not large would be read as a whole.
-- :sources, :ids text[] of events
with touched as materialized (
    select * from stg_naming_deployments(:sources::text[], :ids::text[])
),

named as materialized (
    select deployment.*
    from touched
    cross join lateral stg_deployed_change(touched.cd_source, touched.cd_id) as deployment
),

known as materialized (
    select
        deployment.deploy_source as cd_source, deployment.deploy_id as cd_id,
        deployment.service_id, deployment.environment_id,
        deployment.deployed_at as cd_timestamp, deployment.revision, deployment.repository_id,
        deployment.branch, deployment.sha, deployment.mainline_position
    from touched
    cross join
        lateral (
            select found.* from deployed_changes as found
            where
                found.deploy_source = touched.cd_source
                and found.deploy_id = touched.cd_id
            order by found.deploy_id
            limit 1
        ) as deployment
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
    cross join
        lateral (
            select found.* from deployed_changes as found
            where
                found.service_id = starts.service_id
                and found.environment_id = starts.environment_id
                and found.repository_id = starts.repository_id
                and found.branch = starts.branch
                and (found.deployed_at, found.revision, found.deploy_source, found.deploy_id)
                >= (starts.cd_timestamp, starts.revision, starts.cd_source, starts.cd_id)
            order by found.deployed_at, found.revision, found.deploy_source, found.deploy_id
            offset 0
        ) as later
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
    where
        ctid = any(array(
            select (
                select found.ctid from deployed_changes as found
                where
                    found.deploy_source = touched.cd_source
                    and found.deploy_id = touched.cd_id
            )
            from touched
            where
                not exists (
                    select from named
                    where named.cd_source = touched.cd_source and named.cd_id = touched.cd_id
                )
        ))
    returning deploy_source, deploy_id
),

moved as (
    insert into deployed_changes (
        deploy_source, deploy_id, service_id, environment_id, deployed_at, revision,
        repository_id, branch, sha, mainline_position, previous_position
    )
    select
        cd_source, cd_id, service_id, environment_id, cd_timestamp, revision,
        repository_id, branch, sha, mainline_position, previous_position
    from placed
    on conflict (deploy_source, deploy_id) do update
        set
            service_id = excluded.service_id,
            environment_id = excluded.environment_id,
            deployed_at = excluded.deployed_at,
            revision = excluded.revision,
            repository_id = excluded.repository_id,
            branch = excluded.branch,
            sha = excluded.sha,
            mainline_position = excluded.mainline_position,
            previous_position = excluded.previous_position
        where deployed_changes is distinct from excluded
    returning *
),

-- Given commits, where they are in their branch and where they were told to be.
told as (
    select commit.repository_id, commit.branch, commit.sha, commit.mainline_position
    from stg_given(:sources::text[], :ids::text[]) as given
    inner join change_commits as commit using (cd_source, cd_id)
    where given.cd_subject = 'change'
    union
    select commit.repository_id, commit.branch, commit.sha, commit.mainline_position
    from stg_given(:sources::text[], :ids::text[]) as given
    inner join cdevents_replaced as replaced using (cd_source, cd_id)
    cross join told_commits(replaced.content, replaced.cd_timestamp) as commit
    where given.cd_subject = 'change'
),

places as (
    select told.repository_id, told.branch, told.mainline_position from told
    union
    select telling.repository_id, telling.branch, telling.mainline_position
    from told
    inner join change_commits as telling using (repository_id, branch, sha)
),

-- Deployments that stay where they are, and ship a given commit or did.
spanning as (
    select deployment.*
    from places
    cross join
        lateral (
            select found.* from deployed_changes as found
            where
                found.repository_id = places.repository_id
                and found.branch = places.branch
                and found.mainline_position >= places.mainline_position
                and (
                    found.previous_position < places.mainline_position
                    or found.previous_position is null
                )
            order by found.mainline_position
            offset 0
        ) as deployment
    where
        (deployment.deploy_source, deployment.deploy_id) not in (
            select moved.deploy_source, moved.deploy_id from moved
            union all
            select gone.deploy_source, gone.deploy_id from gone
        )
),

shipping as materialized (
    select * from moved
    union
    select * from spanning
),

shipped as materialized (
    select
        shipping.deploy_source, shipping.deploy_id, change.sha, change.repository_id,
        change.branch, shipping.service_id, shipping.environment_id, change.committed_at,
        change.opened_at, change.merged_at, shipping.deployed_at,
        case
            when change.committed_at is not null then 'commit'
            when change.opened_at is not null then 'opened'
            else 'merged'
        end as clock,
        seconds_between(
            coalesce(change.committed_at, change.opened_at, change.merged_at),
            shipping.deployed_at
        ) as lead_time_seconds
    from shipping
    -- A service's first deployment ships only the change that it names.
    cross join
        lateral (
            select commit.sha from change_commits as commit
            where
                shipping.previous_position is not null
                and commit.repository_id = shipping.repository_id
                and commit.branch = shipping.branch
                and commit.mainline_position > shipping.previous_position
                and commit.mainline_position <= shipping.mainline_position
            union
            select shipping.sha
            where shipping.previous_position is null
        ) as candidate
    cross join
        lateral (
            -- The limit keeps the look-up within the view: without it all changes are aggregated.
            select known.* from stg_changes as known
            where
                known.repository_id = shipping.repository_id
                and known.branch = shipping.branch
                and known.sha = candidate.sha
            order by known.sha
            limit 1
        ) as change
    where shipping.mainline_position >= change.mainline_position
),

no_longer_shipped as (
    delete from shipped_changes
    where ctid = any(array(
        select no_longer.ctid
        from (
            select shipping.deploy_source, shipping.deploy_id from shipping
            union all
            select gone.deploy_source, gone.deploy_id from gone
        ) as looked_at
        cross join
            lateral (
                select found.ctid from shipped_changes as found
                where
                    found.deploy_source = looked_at.deploy_source
                    and found.deploy_id = looked_at.deploy_id
                    and (found.deploy_source, found.deploy_id, found.sha)
                    not in (
                        select shipped.deploy_source, shipped.deploy_id, shipped.sha from shipped
                    )
                order by found.sha
                offset 0
            ) as no_longer
    ))
)

insert into shipped_changes (
    deploy_source, deploy_id, sha, repository_id, branch, service_id, environment_id,
    committed_at, opened_at, merged_at, deployed_at, clock, lead_time_seconds
)
select * from shipped
on conflict (deploy_source, deploy_id, sha) do update set
    repository_id = excluded.repository_id,
    branch = excluded.branch,
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    committed_at = excluded.committed_at,
    opened_at = excluded.opened_at,
    merged_at = excluded.merged_at,
    deployed_at = excluded.deployed_at,
    clock = excluded.clock,
    lead_time_seconds = excluded.lead_time_seconds
where shipped_changes is distinct from excluded;
