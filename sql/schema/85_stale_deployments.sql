-- What each metric has to look at again: one row per metric and time that a deployment changed.
create table if not exists stale_deployments (
    stale_id bigint generated always as identity primary key,
    metric text not null,
    deploy_source text not null,
    deploy_id text not null
);

alter table stale_deployments
add column if not exists stale_since timestamptz not null default now();

create index if not exists stale_deployments_metric on stale_deployments (metric, stale_id);

comment on table stale_deployments is
'What each metric has to look at again: a queue, written with what changed.';
comment on column stale_deployments.deploy_id is
'A deployment that is new, changed or no more, or that belongs to something that did.';

alter table stale_deployments owner to dora_owner;
grant select, insert, delete on stale_deployments to dora_metrics;
grant select on stale_deployments to dora_reader;

-- Let each metric that follows the timeline look at deployments again, or only some metrics.
create or replace function mark_stale(
    deploy_sources text[], deploy_ids text[], metrics text[] default null
) returns void
language sql as $$
    insert into stale_deployments (metric, deploy_source, deploy_id)
    select processed.consumer, stale.deploy_source, stale.deploy_id
    from (
        select distinct given.deploy_source, given.deploy_id
        from unnest(mark_stale.deploy_sources, mark_stale.deploy_ids)
            as given (deploy_source, deploy_id)
    ) as stale
    cross join processed_events as processed
    where
        processed.consumer <> 'timeline'
        and (mark_stale.metrics is null or processed.consumer = any(mark_stale.metrics))
    order by stale.deploy_source, stale.deploy_id
$$;

comment on function mark_stale is
'Let the metrics that follow the timeline look at deployments again.';

-- Whether a metric has to renew its rows of deployments, or does not follow the timeline yet.
create or replace function has_to_renew(metric text) returns boolean
language sql stable as $$
    select
        exists (
            select from stale_deployments as stale
            where stale.metric = has_to_renew.metric
        )
        or not exists (
            select from processed_events as processed
            where processed.consumer = has_to_renew.metric
        )
$$;

comment on function has_to_renew is
'Whether a metric has to renew its rows of deployments, or does not follow the timeline yet.';
