-- What has to be found by an index, and stands in a list inside of an event, is written beside the
-- log in the same transaction: so whoever sees an event sees this too.
create or replace function cdevents_raw_derive() returns trigger
language plpgsql as $$
declare
    service service_events;
    artifact artifact_events;
begin
    perform note_names(new);
    perform note_repository(new);
    if tg_op = 'UPDATE' then
        insert into cdevents_replaced (
            cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content, seq,
            recorded_at
        )
        values (
            old.cd_source, old.cd_id, old.cd_timestamp, old.cd_type, old.cd_subject_id,
            old.cd_subject_source, old.content, old.seq, old.recorded_at
        );
        delete from change_commits where cd_source = old.cd_source and cd_id = old.cd_id;
        delete from changes_merged where cd_source = old.cd_source and cd_id = old.cd_id;
        delete from version_keys as known
        using (
            select service_keys(event) as told from told_service_event(old) as event
            union all
            select made_of_keys(event) from told_artifact_event(old) as event
        ) as was
        where
            known.key = (was.told).key
            and known.happened_at = old.cd_timestamp
            and known.cd_source = old.cd_source
            and known.cd_id = old.cd_id;
        delete from service_events where cd_source = old.cd_source and cd_id = old.cd_id;
        delete from artifact_events where cd_source = old.cd_source and cd_id = old.cd_id;
        delete from named_deployments where cd_source = old.cd_source and cd_id = old.cd_id;
        delete from incident_events where cd_source = old.cd_source and cd_id = old.cd_id;
        delete from correction_events where cd_source = old.cd_source and cd_id = old.cd_id;
    end if;

    if new.cd_subject = 'change' then
        insert into change_commits select told.* from commit_facts(new) as told;
        insert into changes_merged select told.* from told_change(new) as told;
    elsif new.cd_subject in ('service', 'artifact') then
        insert into service_events select told.* from told_service_event(new) as told
        returning * into service;
        insert into version_keys select told.* from service_keys(service) as told;
        insert into artifact_events select told.* from told_artifact_event(new) as told
        returning * into artifact;
        insert into version_keys select told.* from made_of_keys(artifact) as told;
    elsif new.cd_subject = 'incident' then
        insert into incident_events select told.* from told_incident_event(new) as told;
        insert into named_deployments select told.* from told_named_deployments(new) as told;
    else
        insert into correction_events select told.* from told_correction_event(new) as told;
    end if;
    if tg_op = 'UPDATE' then
        perform forget_repository(old);
    end if;
    return null;
end
$$;

comment on function cdevents_raw_derive is
'Write what an event of the log says to the tables of facts.';

create or replace trigger cdevents_raw_derive
after insert or update on cdevents_raw
for each row
when (new.cd_subject in ('change', 'service', 'artifact', 'incident', 'dora-correction'))
execute function cdevents_raw_derive();
