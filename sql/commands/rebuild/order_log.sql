-- Say in which order to follow the log, so that nothing has to be looked at twice: all changes,
-- then the events of one service after the other, then incidents. What is said of artifacts and by
-- corrections is found beside the log by what it is about. Of other events only the tiers of
-- environments matter.
insert into rebuilding.log_order (place, seq)
select
    row_number() over (
        order by
            case event.cd_subject when 'change' then 1 when 'service' then 2 else 3 end,
            coalesce(
                event.repository_id,
                (
                    select min(known.service_id) from catalog_aliases as known
                    where known.name = event.service_id
                ),
                event.service_id
            ),
            event.cd_timestamp, event.cd_source, event.cd_id
    ),
    event.seq
from rebuilding.rebuilds as rebuild
inner join cdevents_raw as event on rebuild.log_end >= event.seq
where
    event.cd_subject in ('change', 'service', 'incident')
    or event.environment_id is not null
    and event.content #>> '{customData,dora,tier}' is not null;
