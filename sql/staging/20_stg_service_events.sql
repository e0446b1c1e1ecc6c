-- What a service ran: one row per service event that names an artifact, restarts told apart. A
-- restart is a revision whose pod template equals that of the revision before it.
create or replace view stg_service_events as
select
    event.cd_source,
    event.cd_id,
    event.cd_predicate,
    event.cd_timestamp,
    event.service_id,
    event.environment_id,
    event.artifact_id,
    event.commit_id,
    event.content #>> '{customData,dora,repository}' as repository_id,
    coalesce(event.content #> '{customData,dora,unplanned}' = 'true', false) as is_unplanned,
    event.deployment_uid,
    coalesce(event.deployment_revision, -1) as revision,
    event.template_fingerprint,
    coalesce(event.template_fingerprint = (
        select earlier.template_fingerprint
        from cdevents_raw as earlier
        where
            earlier.cd_subject = 'service'
            and earlier.cd_source = event.cd_source
            and earlier.deployment_uid = event.deployment_uid
            and earlier.deployment_revision < event.deployment_revision
        order by earlier.deployment_revision desc
        limit 1
    ), false) as is_restart
from cdevents_raw as event
where
    event.cd_subject = 'service'
    and event.cd_predicate in ('deployed', 'upgraded', 'rolledback');

alter view stg_service_events owner to dora_owner;
grant select on stg_service_events to dora_writer, dora_reader;
