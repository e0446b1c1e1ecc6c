-- Incidents as the log tells them now: one row per incident of which the detection is known. A
-- detection after the last resolution opens it again.
create or replace view stg_incidents as
with told as (
    select
        cd_source,
        cd_subject_id,
        min(cd_timestamp) filter (where cd_predicate <> 'resolved') as detected_at,
        max(cd_timestamp) filter (where cd_predicate = 'detected') as last_detected_at,
        max(cd_timestamp) filter (where cd_predicate = 'resolved') as last_resolved_at,
        array_agg(service_id order by cd_timestamp, cd_id)
        filter (where service_id is not null) as services,
        array_agg(environment_id order by cd_timestamp, cd_id)
        filter (where environment_id is not null) as environments,
        array_agg(artifact_id order by cd_timestamp, cd_id)
        filter (where artifact_id is not null) as artifacts,
        array_agg(content #>> '{subject,content,description}' order by cd_timestamp, cd_id)
        filter (where content #>> '{subject,content,description}' is not null) as descriptions
    from cdevents_raw
    where cd_subject = 'incident'
    group by cd_source, cd_subject_id
)

select
    cd_source as incident_source,
    cd_subject_id as incident_id,
    detected_at,
    case
        when last_resolved_at >= coalesce(last_detected_at, '-infinity') then last_resolved_at
    end as resolved_at,
    services[1] as service_id,
    environments[1] as environment_id,
    artifacts[1] as artifact_id,
    descriptions[1] as description
from told
where detected_at is not null;

alter view stg_incidents owner to dora_owner;
grant select on stg_incidents to dora_writer, dora_reader;
