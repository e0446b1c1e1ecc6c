-- Remember that the timeline has events that are beyond the place up to which it has all.
-- :places bigint[] in the log
insert into applied_events (seq)
select place from unnest(:places::bigint[]) as place;
