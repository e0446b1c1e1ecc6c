-- Failed deployment recovery time's table: one row per failed deployment.
create table if not exists recoveries (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    recovered_at timestamptz,
    primary key (deploy_source, deploy_id)
);

-- Every query reads a span of time of the places that it is about.
create index if not exists recoveries_place
on recoveries (service_id, environment_id, deployed_at) include (recovered_at);

comment on table recoveries is 'One row per failed deployment.';
comment on column recoveries.recovered_at is
'When all its incidents were resolved, or when it was last taken back; null while open.';

alter table recoveries owner to dora_owner;
grant select, insert, update, delete on recoveries to dora_metrics;
grant select on recoveries to dora_reader;
