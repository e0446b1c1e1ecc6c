-- Forget the demo: what came of it, and what stands beside the log, which is written anew without
-- it. What is computed of the log is still to be rebuilt then.
begin;

delete from cloudevents_raw
where
    ce_source like 'https://%demo.example%'
    or (
        ce_source = '/webhooks/pagerduty'
        and content #>> '{data,event,data,service,summary}' like 'demo-%'
    );

delete from dead_letters
where ce_source like 'https://%demo.example%';
delete from cdevents_replaced
where
    cd_source like 'https://%demo.example%'
    or (
        cd_source = '/webhooks/pagerduty'
        and exists (
            select from cdevents_raw as demo
            where
                demo.cd_source = cdevents_replaced.cd_source
                and demo.cd_id = cdevents_replaced.cd_id
                and demo.service_id like 'demo-%'
        )
    );
delete from cloudevents_replaced
where
    ce_source like 'https://%demo.example%'
    or (
        ce_source = '/webhooks/pagerduty'
        and content #>> '{data,event,data,service,summary}' like 'demo-%'
    );

create temporary table kept on commit drop as
select
    cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content, seq,
    recorded_at, way, way_rank, cause
from cdevents_raw
where not (
    cd_source like 'https://%demo.example%'
    or (cd_source = '/webhooks/pagerduty' and service_id like 'demo-%')
);

truncate cdevents_raw, service_events, artifact_events, version_keys, changes_merged,
change_commits, incident_events, named_deployments, correction_events, named_services,
named_environments, repository_numbers;

-- They were counted when they came.
alter table cdevents_raw disable trigger cdevents_raw_count;

insert into cdevents_raw (
    cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content, seq,
    recorded_at, way, way_rank, cause
)
select kept.* from kept
order by kept.seq;

alter table cdevents_raw enable trigger cdevents_raw_count;

delete from arrivals
where source like 'https://%demo.example%' or source = '/webhooks/pagerduty';

-- PagerDuty's that are left are counted again, for it is one source for all who use it.
select
    note_arrivals(
        'cdevents_raw', event.cd_source, event.cd_type, max(event.recorded_at), count(*)
    )
from cdevents_raw as event
where event.cd_source = '/webhooks/pagerduty'
group by event.cd_source, event.cd_type, (event.recorded_at at time zone 'UTC')::date;

select
    note_arrivals(
        'cloudevents_raw', event.ce_source, event.ce_type, max(event.received_at), count(*)
    )
from cloudevents_raw as event
where event.ce_source = '/webhooks/pagerduty'
group by event.ce_source, event.ce_type, (event.received_at at time zone 'UTC')::date;

commit;
