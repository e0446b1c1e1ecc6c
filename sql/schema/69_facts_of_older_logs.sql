-- Of a log from before there were these tables: what its events tell.
do $$
begin
    if exists (select from changes_merged) or exists (select from service_events)
        or exists (select from artifact_events) or exists (select from named_environments)
        or not exists (select from cdevents_raw) then
        return;
    end if;
    perform note_names(event) from cdevents_raw as event
    where event.service_id is not null or event.environment_id is not null;
    perform note_repository(event) from cdevents_raw as event;
    insert into changes_merged
    select told.* from cdevents_raw as event cross join lateral told_change(event) as told;
    insert into change_commits
    select told.* from cdevents_raw as event cross join lateral commit_facts(event) as told;
    insert into service_events
    select told.* from cdevents_raw as event cross join lateral told_service_event(event) as told;
    insert into artifact_events
    select told.* from cdevents_raw as event cross join lateral told_artifact_event(event) as told;
    insert into incident_events
    select told.* from cdevents_raw as event cross join lateral told_incident_event(event) as told;
    insert into named_deployments
    select told.*
    from cdevents_raw as event
    cross join lateral told_named_deployments(event) as told;
    insert into version_keys
    select told.* from service_events as event cross join lateral service_keys(event) as told;
    insert into version_keys
    select told.* from artifact_events as event cross join lateral made_of_keys(event) as told;
end
$$;
