-- Which deployment an incident belongs to, and why; or why to none. One row; none where there is no
-- such incident.
create or replace function incident_deployment(source text, id text)
returns table (deploy_source text, deploy_id text, why text)
language plpgsql stable as $$
#variable_conflict use_column
declare
    incident incidents;
    places text[];
begin
    select known.* into incident from incidents as known
    where
        known.incident_source = incident_deployment.source
        and known.incident_id = incident_deployment.id;
    if not found then
        return;
    end if;
    if not incident.counts then
        return query select null, null, 'a correction says that it does not count';
        return;
    end if;

    return query
    select named.deploy_source, named.deploy_id, 'it names the deployment'
    from named_deployment(incident.incident_source, incident.incident_id) as named;
    if found then
        return;
    end if;

    return query
    select named.* from artifact_deployment(
        incident.artifact, incident.digest, incident.tag_key, incident.service_id,
        incident.detected_at
    ) as named;
    if found then
        return;
    end if;

    places := incident_environments(
        incident.service_id, incident.environment_id, incident.assumed_environment
    );
    return query
    select latest.deploy_source, latest.deploy_id, case
        when incident.environment_id = any(places)
            then 'it is the latest of its service before it'
        else 'it is the latest of its service before it, in an environment of the same tier'
    end
    from latest_deployment(incident.service_id, places, incident.detected_at) as latest;
    if found then
        return;
    end if;

    return query select null, null, case
        when incident.service_id is null then 'it names no service'
        when not exists (
            select from timeline_deployments as deployment
            where deployment.service_id = incident.service_id
        ) then 'its service was never deployed'
        when places = '{}'
            then 'its service was never deployed to its environment, nor to one of the same tier'
        when not exists (
            select from timeline_deployments as deployment
            where
                deployment.service_id = incident.service_id
                and deployment.environment_id = any(places)
                and deployment.deployed_at <= incident.detected_at
        ) then 'no deployment of its service had begun when it was detected'
        else 'the latest deployment of its service was too long before it'
    end;
end
$$;

comment on function incident_deployment is
'The deployment that an incident belongs to, and why; or why to none.';
