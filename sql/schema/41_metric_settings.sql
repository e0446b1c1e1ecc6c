-- What an organisation may decide otherwise: one row.
create table if not exists metric_settings (
    only_row boolean primary key default true check (only_row),
    incident_window interval not null default '7 days' check (incident_window > '0')
);

insert into metric_settings default values
on conflict (only_row) do nothing;

comment on table metric_settings is 'What an organisation may decide otherwise; one row.';
comment on column metric_settings.incident_window is
'How long after a deployment an incident may belong to it. After a change, rebuild the metrics.';

alter table metric_settings owner to dora_owner;
grant select on metric_settings to dora_writer, dora_reader;
