-- One row: the present moment by the database's clock, which the marks of refusals are by.
select clock_timestamp();
