-- How often groups of services are deployed: one row per group with a deployment in the span. The
-- band follows the Four Keys: daily if the median week has three days or more with a deployment,
-- else weekly if the median week has one, else monthly if the median month has a week with one,
-- else yearly. Weeks and months without a deployment count as well, from the group's first
-- deployment on.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with deployed as (
    select
        -- In an array, for joins: there null equals null.
        array[
            asked_group(:group_by::text, deploy_name, environment_id, :teams::jsonb)
        ] as group_key,
        deploy_name,
        environment_id,
        time_created
    from deployments
    where
        time_created >= :from::timestamptz
        and time_created < :to::timestamptz
        and is_asked(
            deploy_name, environment_id, :services::text[], :environments::text[],
            :exceptions::jsonb
        )
),

days as (
    select
        group_key,
        count(*) as deployments_count,
        date_trunc('day', time_created, 'UTC') as day
    from deployed
    group by group_key, day
),

-- The first deployment ever of any of a group's services, each found by an index.
firsts as (
    select
        known.group_key,
        min((
            select min(ever.time_created) from deployments as ever
            where
                ever.deploy_name = known.deploy_name
                and (:environments::text[] is null or ever.environment_id = known.environment_id)
        )) as first_at
    from (select distinct group_key, deploy_name, environment_id from deployed) as known
    group by known.group_key
),

grouped as (
    select
        days.group_key,
        sum(days.deployments_count)::bigint as deployments,
        count(*) as days_with_deployments,
        count(distinct date_trunc('week', days.day, 'UTC')) as weeks_with_deployments,
        count(distinct date_trunc('month', days.day, 'UTC')) as months_with_deployments,
        greatest(:from::timestamptz, min(firsts.first_at)) as starts_at
    from days
    inner join firsts on days.group_key = firsts.group_key
    group by days.group_key
),

weeks as (
    select
        grouped.group_key,
        week.starts_at,
        count(days.day) as days_count
    from grouped
    cross join
        lateral generate_series(
            date_trunc('week', grouped.starts_at, 'UTC'),
            :to::timestamptz - interval '1 microsecond',
            interval '7 days'
        ) as week (starts_at)
    left join days
        on
            grouped.group_key = days.group_key
            and week.starts_at = date_trunc('week', days.day, 'UTC')
    group by grouped.group_key, week.starts_at
),

weekly as (
    select
        group_key,
        percentile_cont(0.5) within group (order by days_count) as days_per_week,
        percentile_cont(0.5) within group (order by least(days_count, 1)) as is_week_with_one
    from weeks
    group by group_key
),

monthly as (
    select
        month.group_key,
        percentile_cont(0.5) within group (order by month.weeks_count) as weeks_per_month
    from (
        select
            group_key,
            count(*) filter (where days_count > 0) as weeks_count
        from weeks
        group by group_key, date_trunc('month', starts_at, 'UTC')
    ) as month
    group by month.group_key
)

select
    grouped.group_key[1] as group_name,
    grouped.deployments,
    grouped.days_with_deployments,
    grouped.weeks_with_deployments,
    grouped.months_with_deployments,
    case
        when weekly.days_per_week >= 3 then 'daily'
        when weekly.is_week_with_one >= 1 then 'weekly'
        when monthly.weeks_per_month >= 1 then 'monthly'
        else 'yearly'
    end as frequency
from grouped
inner join weekly on grouped.group_key = weekly.group_key
inner join monthly on grouped.group_key = monthly.group_key
order by grouped.group_key[1] collate "C";
