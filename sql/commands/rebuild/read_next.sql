-- The event that follows next in the order of log_order: one row at most.
select event.cd_source, event.cd_id
from rebuilding.rebuilds as rebuild
inner join rebuilding.log_order as ordered on ordered.place = rebuild.followed_count + 1
inner join cdevents_raw as event on ordered.seq = event.seq;
