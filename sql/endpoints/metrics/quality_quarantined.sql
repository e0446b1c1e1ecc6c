-- What was set aside because it could not be applied: one row per metric and reason.
-- :most integer, rows
select
    null as service,
    min(aside.cd_source) as source,
    aside.metric,
    aside.reason as why,
    min(aside.cd_id) as example,
    count(*) as count,
    count(*) over () as total
from quarantined as aside
group by aside.metric, aside.reason
order by count(*) desc, aside.metric asc, aside.reason asc
limit :most::integer;
