-- What an organisation may decide otherwise: one row.
create table if not exists metric_settings (
    only_row boolean primary key default true check (only_row),
    incident_window interval not null default '7 days' check (incident_window > '0')
);

alter table metric_settings add column if not exists
rework_window interval not null default '24 hours' check (rework_window > '0');
alter table metric_settings
add column if not exists level_count integer not null default 5 check (level_count > 0);
alter table metric_settings
add column if not exists level_days integer not null default 7 check (level_days > 0);

insert into metric_settings default values
on conflict (only_row) do nothing;

comment on table metric_settings is 'What an organisation may decide otherwise; one row.';
comment on column metric_settings.incident_window is
'How long after a deployment an incident may belong to it. After a change, rebuild the metrics.';
comment on column metric_settings.level_count is
'How many deployments, changes or recoveries a value has to rest on for a level.';
comment on column metric_settings.level_days is
'How many days have to be covered for the level of a frequency.';

comment on column metric_settings.rework_window is
'How long after an incident opened a deployment may be rework of it. After a change, rebuild.';

alter table metric_settings owner to dora_owner;
grant select on metric_settings to dora_metrics, dora_reader;
