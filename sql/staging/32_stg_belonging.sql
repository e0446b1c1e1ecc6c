-- To which deployments the incidents of given events belong, or did before: those that any telling
-- of the incident names, and the latest before each time and place that its tellings say.
create or replace function stg_belonging(source text, id text, after bigint, until bigint)
returns table (cd_source text, cd_id text)
language sql stable as $$
    with tellings as materialized (
        select distinct telling.*
        from stg_given(
            stg_belonging.source, stg_belonging.id, stg_belonging.after, stg_belonging.until
        ) as given
        inner join stg_tellings as telling
            on
                given.cd_source = telling.cd_source
                and given.cd_subject_id = telling.cd_subject_id
        where given.cd_subject = 'incident' and telling.cd_subject = 'incident'
    ),

    services as (select distinct cd_source, cd_subject_id, service_id from tellings),

    environments as (select distinct cd_source, cd_subject_id, environment_id from tellings),

    artifacts as (select distinct cd_source, cd_subject_id, artifact_id from tellings),

    detections as (
        select distinct cd_source, cd_subject_id, cd_timestamp from tellings
        where cd_predicate <> 'resolved'
    ),

    moments as (
        select * from detections
        inner join services using (cd_source, cd_subject_id)
        inner join environments using (cd_source, cd_subject_id)
        inner join artifacts using (cd_source, cd_subject_id)
    ),

    names as (
        select named.deployment_id
        from tellings
        inner join named_deployments as named using (cd_source, cd_id)
        union
        select replaced.content #>> '{customData,dora,deployment}'
        from tellings
        inner join cdevents_replaced as replaced using (cd_source, cd_id)
        union
        select coalesce(link #>> '{target,contextId}', link #>> '{from,contextId}')
        from tellings
        inner join cdevents_replaced as replaced using (cd_source, cd_id)
        cross join
            jsonb_array_elements(coalesce(replaced.content #> '{context,links}', '[]')) as link
    )

    select deployment.cd_source, deployment.cd_id
    from names
    inner join stg_service_events as deployment on names.deployment_id = deployment.cd_id
    union
    select found.cd_source, found.cd_id
    from moments
    cross join lateral (
        (
            select deployment.cd_source, deployment.cd_id from stg_deployments as deployment
            where
                deployment.service_id = moments.service_id
                and deployment.environment_id = moments.environment_id
                and deployment.cd_timestamp < moments.cd_timestamp
            order by
                deployment.cd_timestamp desc, deployment.revision desc, deployment.cd_source desc,
                deployment.cd_id desc
            limit 1
        )
        union all
        (
            select deployment.cd_source, deployment.cd_id from stg_deployments as deployment
            where
                deployment.environment_id = moments.environment_id
                and deployment.artifact_id = moments.artifact_id
                and deployment.cd_timestamp < moments.cd_timestamp
                and (deployment.service_id = moments.service_id or moments.service_id is null)
            order by
                deployment.cd_timestamp desc, deployment.revision desc, deployment.cd_source desc,
                deployment.cd_id desc
            limit 1
        )
    ) as found
$$;
