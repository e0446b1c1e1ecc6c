-- The metrics as dashboards show them: equal to what the API answers, by docs/metrics.md, rules 19
-- to 22 and 28.
-- starts inclusive, ends exclusive; the rest: 50_asked.sql

-- A metric in a span of time: one row, with its level, or the reason why something is not known.
-- `count` is what the value rests on, `word` is a frequency's.
create or replace function dashboard_metric(
    metric text, starts timestamptz, ends timestamptz, services text[], environments text[],
    tiers text[]
)
returns table (
    value double precision, level text, count bigint, reason text, word text, covered_days integer
)
language sql stable as $$
    with found as materialized (
        select
            facts.*,
            counted.*
        from dashboard_facts(
            dashboard_metric.metric, dashboard_metric.starts, dashboard_metric.ends,
            dashboard_metric.services, dashboard_metric.environments, dashboard_metric.tiers
        ) as facts
        cross join lateral (
            select
                count(each.number) as count,
                avg(each.number) as mean,
                percentile_cont(0.5) within group (order by each.number)
                filter (where dashboard_metric.metric like '%time%') as median
            from dashboard_counted(
                dashboard_metric.metric, dashboard_metric.starts, dashboard_metric.ends,
                dashboard_metric.services, dashboard_metric.environments, dashboard_metric.tiers
            ) as each
        ) as counted
    ),

    valued as materialized (
        select
            found.*,
            case
                when not found.is_known then null
                when dashboard_metric.metric like '%time%' then found.median
                when dashboard_metric.metric <> 'deployment-frequency' then found.mean
                when found.is_deployed and found.covered_days > 0
                    then found.count / greatest(found.covered_days, 1)
            end as value
        from found
    )

    select
        valued.value,
        case when short.reason is null and doubt.reason is null then known.level end,
        valued.count,
        case
            when not valued.is_known then 'no incident source is connected'
            when valued.value is not null then coalesce(short.reason, doubt.reason)
            when dashboard_metric.metric = 'lead-time-for-changes'
                then 'no deployment in this time shipped a known change'
            when dashboard_metric.metric = 'failed-deployment-recovery-time'
                then 'no failed deployment of this time is recovered'
            when dashboard_metric.metric = 'change-failure-rate'
                then 'no deployment in this time that is no rollback'
            when dashboard_metric.metric = 'deployment-rework-rate'
                then 'no deployment in this time'
            when not valued.is_deployed then 'never deployed in the environments asked about'
            else 'nothing is known of this time'
        end,
        known.word,
        greatest(0, floor(valued.covered_days))::integer
    from valued
    cross join metric_settings as setting
    left join lateral performance_level(dashboard_metric.metric, valued.value) as known on true
    left join lateral (
        select format('a level takes at least %s %s, there are %s', lack.least, lack.of, lack.known)
            as reason
        from (
            select
                case when dashboard_metric.metric = 'deployment-frequency'
                    then setting.level_days else setting.level_count
                end as least,
                case dashboard_metric.metric
                    when 'deployment-frequency' then 'covered days'
                    when 'lead-time-for-changes' then 'changes'
                    when 'failed-deployment-recovery-time' then 'recoveries'
                    else 'deployments'
                end as of,
                case when dashboard_metric.metric = 'deployment-frequency'
                    then floor(valued.covered_days)::bigint else valued.count
                end as known
        ) as lack
        where known.level is not null and lack.known < lack.least
    ) as short on true
    left join lateral dashboard_doubt(
        dashboard_metric.starts, dashboard_metric.ends, dashboard_metric.services,
        dashboard_metric.environments, dashboard_metric.tiers, valued.count
    ) as doubt on
        dashboard_metric.metric = 'lead-time-for-changes' and known.level is not null
        and short.reason is null
$$;

comment on function dashboard_metric is
'A metric in a span of time with its level, for dashboards: one row.';

-- A metric by bucket: one row for each in which something was counted, none where nothing is known.
-- bucket as date_trunc has it, in UTC. A frequency is how many there were.
create or replace function dashboard_series(
    metric text, bucket text, starts timestamptz, ends timestamptz, services text[],
    environments text[], tiers text[]
)
returns table (starts_at timestamptz, value double precision)
language sql stable as $$
    select
        date_trunc(dashboard_series.bucket, each.deployed_at, 'UTC'),
        case
            when dashboard_series.metric = 'deployment-frequency' then count(*)
            when dashboard_series.metric like '%time%'
                then percentile_cont(0.5) within group (order by each.number)
            else avg(each.number)
        end
    from dashboard_facts(
        dashboard_series.metric, dashboard_series.starts, dashboard_series.ends,
        dashboard_series.services, dashboard_series.environments, dashboard_series.tiers
    ) as facts
    cross join lateral dashboard_counted(
        dashboard_series.metric, dashboard_series.starts, dashboard_series.ends,
        dashboard_series.services, dashboard_series.environments, dashboard_series.tiers
    ) as each
    where facts.is_known
    group by 1
    order by 1
$$;

comment on function dashboard_series is
'A metric by bucket, for dashboards: one row for each in which something was counted.';

-- What is called dashboard_ is for dashboards, and all that dora_dashboards can read: a function
-- answers with its owner's rights, so that the tables behind it need not be opened.
do $$
declare
    made record;
begin
    for made in
        select oid::regprocedure as called from pg_proc
        where pronamespace = 'public'::regnamespace and proname like 'dashboard\_%'
    loop
        execute format('alter function %s owner to dora_owner', made.called);
        execute format(
            'alter function %s security definer set search_path = public, pg_temp', made.called
        );
        execute format('revoke execute on function %s from public', made.called);
        execute format(
            'grant execute on function %s to dora_dashboards, dora_reader', made.called
        );
    end loop;
    for made in
        select oid::regclass as called from pg_class
        where
            relnamespace = 'public'::regnamespace and relkind = 'v' and relname like 'dashboard\_%'
    loop
        execute format('grant select on %s to dora_dashboards', made.called);
    end loop;
end
$$;
