-- The events from which all is made anew, in the order in which that costs least: changes, then
-- what each service ran, then incidents and corrections.
-- :after, :until bigint, places in the log
insert into rebuilding.due_events (cd_source, cd_id)
select event.cd_source, event.cd_id
from cdevents_raw as event
left join service_events as service using (cd_source, cd_id)
where
    event.seq > :after::bigint
    and event.seq <= :until::bigint
    and event.cd_subject in ('change', 'service', 'incident', 'dora-correction')
order by
    array_position(array['change', 'service'], event.cd_subject),
    service.service_name, service.happened_at, service.revision, event.seq
returning due_id;
