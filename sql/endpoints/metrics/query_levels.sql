-- The levels of values, and how much has to be behind a value for one: one row, with a list of
-- level, word and year of the report for each value, in their order.
-- :asked text, a JSON list that has metric and value, a number or null, for each
select
    (
        select
            coalesce(
                jsonb_agg(
                    jsonb_build_array(known.level, known.word, known.report_year)
                    order by asked.place
                ), '[]'
            )
        from jsonb_array_elements(:asked::text::jsonb) with ordinality as asked (pair, place)
        left join
            lateral performance_level(
                asked.pair ->> 0, (asked.pair ->> 1)::double precision
            ) as known
            on true
    ) as levels,
    setting.level_count,
    setting.level_days
from metric_settings as setting;
