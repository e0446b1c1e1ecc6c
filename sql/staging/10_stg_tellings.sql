-- Every telling of every event: one row per event in the log, and per telling that was replaced.
create or replace view stg_tellings as
select
    cd_source, cd_id, cd_timestamp, cd_subject, cd_predicate, cd_subject_id, service_id,
    environment_id, artifact_id, repository_id, deployment_uid, deployment_revision,
    template_fingerprint, change_id, commit_id
from cdevents_raw
union all
select
    cd_source, cd_id, cd_timestamp, cd_subject, cd_predicate, cd_subject_id, service_id,
    environment_id, artifact_id, repository_id, deployment_uid, deployment_revision,
    template_fingerprint, change_id, commit_id
from cdevents_replaced;

alter view stg_tellings owner to dora_owner;
grant select on stg_tellings to dora_writer, dora_reader;
