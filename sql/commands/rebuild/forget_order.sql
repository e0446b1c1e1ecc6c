-- Forget in which order to follow the log.
delete from rebuilding.log_order;
