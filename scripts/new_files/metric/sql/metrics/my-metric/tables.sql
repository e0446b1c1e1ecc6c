-- One row: the metric's tables, which a rebuild makes anew.
select '{my_metric}'::text[];
