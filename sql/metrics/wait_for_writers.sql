-- Wait until no transaction is writing to the log; a wait that is not short is given up, and the
-- next tick tries again.
select wait_for_log_writers();
