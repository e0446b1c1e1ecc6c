-- One row: how many events of the log it has followed, and how many there are.
select
    case
        when coalesce(position.seq, 0) < rebuild.log_end then rebuild.followed_count
        else count(*) filter (where event.seq <= position.seq)
    end as done_count,
    count(event.seq) as total
from rebuilding.rebuilds as rebuild
left join processed_events as position on position.consumer = 'timeline'
left join cdevents_raw as event on true
group by rebuild.what, position.consumer;
