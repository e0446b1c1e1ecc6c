-- To which deployments the incidents of given events belong, or did before: those that any telling
-- of the incident names, and the latest before each time and place that its tellings say.
create or replace function stg_belonging(sources text[], ids text[])
returns table (cd_source text, cd_id text)
language sql stable as $$
    with tellings as materialized (
        select * from stg_incident_tellings(stg_belonging.sources, stg_belonging.ids)
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
    select latest.cd_source, latest.cd_id
    from moments
    cross join
        lateral stg_latest_deployment(
            moments.service_id, moments.environment_id, moments.cd_timestamp
        ) as latest
    union
    select latest.cd_source, latest.cd_id
    from moments
    cross join
        lateral stg_latest_deployment_of_artifact(
            moments.artifact_id, moments.service_id, moments.environment_id, moments.cd_timestamp
        ) as latest
$$;
