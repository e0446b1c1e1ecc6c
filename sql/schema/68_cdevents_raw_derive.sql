-- Forget what an event of the log said, but for its names.
create or replace function forget_facts(event cdevents_raw) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    delete from change_commits where cd_source = event.cd_source and cd_id = event.cd_id;
    delete from changes_merged where cd_source = event.cd_source and cd_id = event.cd_id;
    delete from version_keys as known
    using (
        select service_keys(fact) as found from service_fact(event) as fact
        union all
        select made_of_keys(fact) from artifact_fact(event) as fact
    ) as was
    where
        known.key = (was.found).key
        and (known.happened_at, known.cd_source, known.cd_id)
        = (event.cd_timestamp, event.cd_source, event.cd_id);
    delete from service_events where cd_source = event.cd_source and cd_id = event.cd_id;
    delete from artifact_events where cd_source = event.cd_source and cd_id = event.cd_id;
    delete from named_deployments where cd_source = event.cd_source and cd_id = event.cd_id;
    delete from incident_events where cd_source = event.cd_source and cd_id = event.cd_id;
    delete from correction_events where cd_source = event.cd_source and cd_id = event.cd_id;
end
$$;

-- With the owner's rights, for who computes metrics sets events aside, and writes no facts itself.
alter function forget_facts(cdevents_raw) owner to dora_owner;
revoke execute on function forget_facts(cdevents_raw) from public;
grant execute on function forget_facts(cdevents_raw) to dora_writer, dora_metrics;

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
        perform forget_facts(old);
        delete from quarantined
        where metric = 'timeline' and cd_source = old.cd_source and cd_id = old.cd_id;
    end if;

    if new.cd_subject = 'change' then
        insert into change_commits select fact.* from commit_facts(new) as fact;
        insert into changes_merged select fact.* from change_fact(new) as fact;
    elsif new.cd_subject in ('service', 'artifact') then
        insert into service_events select fact.* from service_fact(new) as fact
        returning * into service;
        insert into version_keys select fact.* from service_keys(service) as fact;
        insert into artifact_events select fact.* from artifact_fact(new) as fact
        returning * into artifact;
        insert into version_keys select fact.* from made_of_keys(artifact) as fact;
    elsif new.cd_subject = 'incident' then
        insert into incident_events select fact.* from incident_fact(new) as fact;
        insert into named_deployments select fact.* from named_deployment_facts(new) as fact;
    else
        insert into correction_events select fact.* from correction_facts(new) as fact;
    end if;
    if tg_op = 'UPDATE' then
        perform forget_repository(old);
        perform forget_names(old);
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

-- The same for an event that is taken out of the log.
create or replace function cdevents_raw_forget() returns trigger
language plpgsql as $$
begin
    perform forget_facts(old);
    delete from quarantined where cd_source = old.cd_source and cd_id = old.cd_id;
    perform forget_repository(old);
    perform forget_names(old);
    return null;
end
$$;

create or replace trigger cdevents_raw_forget
after delete on cdevents_raw
for each row
when (old.cd_subject in ('change', 'service', 'artifact', 'incident', 'dora-correction'))
execute function cdevents_raw_forget();

-- Let events that were set aside for the sake of another one be tried again, as if they came now.
-- With the owner's rights, as above.
create or replace function try_again(suspect_source text, suspect_id text) returns void
language sql security definer set search_path = public, pg_temp as $$
    update cdevents_raw as event set seq = nextval('cdevents_raw_seq')
    from quarantined as aside
    where
        aside.metric = 'timeline'
        and (aside.suspect_source, aside.suspect_id) = (try_again.suspect_source, try_again.suspect_id)
        and event.cd_source = aside.cd_source
        and event.cd_id = aside.cd_id
$$;

alter function try_again(text, text) owner to dora_owner;
revoke execute on function try_again(text, text) from public;
grant execute on function try_again(text, text) to dora_metrics;
