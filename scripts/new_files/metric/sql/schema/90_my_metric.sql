-- The table of my-metric: one row per deployment.
create table if not exists my_metric (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    has_commit boolean not null,
    primary key (deploy_source, deploy_id)
);

-- Every query reads a span of time, of one service or of all.
create index if not exists my_metric_time
on my_metric (deployed_at)
include (service_id, environment_id, has_commit);
create index if not exists my_metric_service
on my_metric (service_id, deployed_at);

comment on table my_metric is
'One row per deployment: whether it is known of which commit it is.';

alter table my_metric owner to dora_owner;
grant select, insert, update, delete on my_metric to dora_metrics;
grant select on my_metric to dora_reader;
