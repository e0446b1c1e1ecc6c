-- Of a log from before there were these tables: what its events say.
do $$
begin
    if exists (select from changes_merged) or exists (select from service_events)
        or exists (select from artifact_events) or exists (select from named_environments)
        or not exists (select from cdevents_raw) then
        return;
    end if;
    perform note_names(event) from cdevents_raw as event
    where
        event.service_id is not null or event.environment_id is not null
        or event.cd_subject in ('service', 'incident');
    perform note_repository(event) from cdevents_raw as event;
    insert into changes_merged
    select fact.* from cdevents_raw as event cross join lateral change_fact(event) as fact;
    insert into change_commits
    select fact.* from cdevents_raw as event cross join lateral commit_facts(event) as fact;
    insert into service_events
    select fact.* from cdevents_raw as event cross join lateral service_fact(event) as fact;
    insert into artifact_events
    select fact.* from cdevents_raw as event cross join lateral artifact_fact(event) as fact;
    insert into incident_events
    select fact.* from cdevents_raw as event cross join lateral incident_fact(event) as fact;
    insert into named_deployments
    select fact.*
    from cdevents_raw as event
    cross join lateral named_deployment_facts(event) as fact;
    insert into version_keys
    select fact.* from service_events as event cross join lateral service_keys(event) as fact;
    insert into version_keys
    select fact.* from artifact_events as event cross join lateral made_of_keys(event) as fact;
end
$$;
