-- Fill tables that all metrics share with the rows that are served.
-- :tables text[], names
select copy_served(:tables::text[]);
