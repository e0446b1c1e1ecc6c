-- Put the openings of an incident where the deployment is that it belongs to, and let the rework
-- rate look again at the deployments while they lasted, where they were and where they are.
create or replace function place_openings(source text, id text) returns void
language plpgsql as $$
declare
    place record;
begin
    select deployment.service_id, deployment.environment_id into place
    from incident_deployments as belonging
    inner join timeline_deployments as deployment using (deploy_source, deploy_id)
    where belonging.incident_source = source and belonging.incident_id = id;

    perform
        mark_reworks(
            marked.service_id, marked.environment_id, opening.begins_at,
            opening.begins_at + setting.rework_window
        )
    from incident_openings as opening
    cross join metric_settings as setting
    cross join lateral (
        select opening.service_id, opening.environment_id
        union
        select place.service_id, place.environment_id
    ) as marked
    where opening.incident_source = source and opening.incident_id = id;

    update incident_openings as opening
    set service_id = place.service_id, environment_id = place.environment_id
    where opening.incident_source = source and opening.incident_id = id;
end
$$;

-- Say anew which deployment an incident belongs to.
create or replace function attribute_incident(source text, id text) returns void
language plpgsql as $$
declare
    former incident_deployments;
    present incident_deployments;
begin
    select * into former from incident_deployments as belonging
    where belonging.incident_source = source and belonging.incident_id = id;
    select source, id, found.* into present from incident_deployment(source, id) as found;
    if former is not distinct from present then
        return;
    end if;

    delete from incident_deployments as belonging
    where belonging.incident_source = source and belonging.incident_id = id;
    insert into incident_deployments select present.* where present.why is not null;
    perform mark_failures(former.deploy_source, former.deploy_id);
    perform mark_failures(present.deploy_source, present.deploy_id);
    if (former.deploy_source, former.deploy_id)
        is distinct from (present.deploy_source, present.deploy_id)
    then
        perform place_openings(source, id);
    end if;
end
$$;
