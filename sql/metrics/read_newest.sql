-- One row: the newest place in the log.
select max(event.seq) from cdevents_raw as event;
