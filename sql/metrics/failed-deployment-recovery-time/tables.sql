-- One row: the metric's tables, which a rebuild makes anew.
select '{recoveries}'::text[];
