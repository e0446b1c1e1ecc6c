-- One row: how many events the log has.
select count(*) from cdevents_raw;
