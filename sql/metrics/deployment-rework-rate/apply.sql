-- Turn service and incident events into deployments that are rework or are not.
-- :sources, :ids text[] of events
with tellings as materialized (
    select * from stg_incident_tellings(:sources::text[], :ids::text[])
),

-- Where and when each given incident may have been open, or be told to have been.
spans as (
    select distinct
        service.service_id,
        environment.environment_id,
        started.starts_at,
        coalesce(incident.resolved_at, 'infinity') as ends_at
    from (
        select cd_source, cd_subject_id, min(cd_timestamp) as starts_at from tellings
        group by cd_source, cd_subject_id
    ) as started
    inner join tellings as service using (cd_source, cd_subject_id)
    inner join tellings as environment using (cd_source, cd_subject_id)
    left join incidents as incident
        on
            started.cd_source = incident.incident_source
            and started.cd_subject_id = incident.incident_id
),

affected as materialized (
    select * from stg_affected_deployments(:sources::text[], :ids::text[])
    union
    select deployment.cd_source, deployment.cd_id
    from spans
    inner join stg_deployments as deployment
        on
            spans.service_id = deployment.service_id
            and spans.environment_id = deployment.environment_id
            and spans.starts_at <= deployment.cd_timestamp
            and spans.ends_at >= deployment.cd_timestamp
    union
    select deployment.deploy_source, deployment.deploy_id
    from spans
    inner join deployment_reworks as deployment
        on
            spans.service_id = deployment.service_id
            and spans.environment_id = deployment.environment_id
            and spans.starts_at <= deployment.deployed_at
            and deployment.is_during_incident
),

computed as materialized (
    select
        deployment.*,
        exists(
            select from (
                -- Those that end soonest after it: an index has them in this order.
                select incident.detected_at from incidents as incident
                where
                    incident.service_id = deployment.service_id
                    and incident.environment_id = deployment.environment_id
                    and coalesce(incident.resolved_at, 'infinity') >= deployment.cd_timestamp
                order by coalesce(incident.resolved_at, 'infinity')
            ) as ending
            where ending.detected_at <= deployment.cd_timestamp
        ) as is_during_incident
    from affected
    cross join lateral stg_rollback(affected.cd_source, affected.cd_id) as deployment
),

-- By their places in the table, which nobody else changes now: a join of the keys could be planned
-- as a look through the whole table.
gone as (
    delete from deployment_reworks
    where ctid = any(array(
        select (
            select known.ctid from deployment_reworks as known
            where
                known.deploy_source = affected.cd_source
                and known.deploy_id = affected.cd_id
        )
        from affected
        where
            not exists (
                select from computed
                where
                    computed.cd_source = affected.cd_source
                    and computed.cd_id = affected.cd_id
            )
    ))
)

insert into deployment_reworks (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, is_rollback,
    is_during_incident, is_unplanned
)
select
    cd_source, cd_id, service_id, environment_id, cd_timestamp, is_rollback,
    is_during_incident, is_unplanned
from computed
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    is_rollback = excluded.is_rollback,
    is_during_incident = excluded.is_during_incident,
    is_unplanned = excluded.is_unplanned
where
(
    deployment_reworks.service_id, deployment_reworks.environment_id,
    deployment_reworks.deployed_at, deployment_reworks.is_rollback,
    deployment_reworks.is_during_incident, deployment_reworks.is_unplanned
)
is distinct from (
    excluded.service_id, excluded.environment_id, excluded.deployed_at, excluded.is_rollback,
    excluded.is_during_incident, excluded.is_unplanned
);
