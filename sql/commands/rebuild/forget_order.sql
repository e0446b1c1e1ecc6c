-- Forget in which order to follow the log.
truncate rebuilding.log_order;
