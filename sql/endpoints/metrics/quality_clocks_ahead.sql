-- Sources whose CDEvents say that they happened more than a minute after they arrived: one row
-- each.
-- :from, :to timestamptz, by the days that they touch; :most integer, rows
select
    null as service,
    arrived.source,
    ceil(max(arrived.most_seconds_ahead) / 60)::bigint as minutes,
    sum(arrived.events_ahead)::bigint as count,
    count(*) over () as total
from arrivals as arrived
where
    arrived.kept_in = 'cdevents_raw'
    and arrived.events_ahead > 0
    and arrived.day >= (:from::timestamptz at time zone 'UTC')::date
    and arrived.day <= (:to::timestamptz at time zone 'UTC')::date
group by arrived.source
order by sum(arrived.events_ahead) desc, arrived.source
limit :most::integer;
