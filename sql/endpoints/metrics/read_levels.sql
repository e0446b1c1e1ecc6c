-- The levels of performance: one row per metric and level, the best first.
select metric, level, comparison, bound, report_year from performance_levels
order by metric, rank;
