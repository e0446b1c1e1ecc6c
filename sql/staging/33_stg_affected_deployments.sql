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
