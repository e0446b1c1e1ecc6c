-- The levels of values, and how much has to be behind a value for one: one row each, in their
-- order.
-- :metrics text[]; :values text[], numbers or null
select
    known.level,
    known.word,
    known.report_year,
    setting.level_count,
    setting.level_days
from
    unnest(:metrics::text[], :values::text[]::double precision[])
    with ordinality as asked (metric, value, place)
cross join metric_settings as setting
left join lateral performance_level(asked.metric, asked.value) as known on true
order by asked.place;
