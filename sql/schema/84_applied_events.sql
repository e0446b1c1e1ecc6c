-- Which events of the log the timeline has beyond the place up to which it has all: one row each.
create table if not exists applied_events (
    seq bigint primary key
);

comment on table applied_events is
'Which events of the log the timeline has beyond the position of the consumer timeline in
processed_events; a tick moves that on and forgets them here.';

alter table applied_events owner to dora_owner;
grant select, insert, delete on applied_events to dora_metrics;
grant select on applied_events to dora_reader;
