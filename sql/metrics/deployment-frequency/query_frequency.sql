-- How often each service is deployed: one value, a JSON list with one object per service that was
-- deployed in the span, by name. The band follows the Four Keys: daily if the median week has three
-- days or more with a deployment, else weekly if the median week has one, else monthly if the
-- median month has a week with one, else yearly. Weeks and months without a deployment count as
-- well, from the service's first deployment on.
-- :from inclusive and :to exclusive, text, or null for the last 90 days; :service, :environment
-- text, or null for all
with span as (
    select
        coalesce(:from::timestamptz, coalesce(:to::timestamptz, now()) - interval '90 days')
            as starts_at,
        coalesce(:to::timestamptz, now()) as ends_at
),

days as (
    select
        deploy_name,
        count(*) as deployments_count,
        date_trunc('day', time_created, 'UTC') as day
    from deployments, span
    where
        time_created >= span.starts_at
        and time_created < span.ends_at
        and (:service::text is null or deploy_name = :service::text)
        and (:environment::text is null or environment_id = :environment::text)
    group by deploy_name, day
),

services as (
    select
        days.deploy_name,
        sum(days.deployments_count) as deployments_count,
        count(*) as days_count,
        count(distinct date_trunc('week', days.day, 'UTC')) as weeks_count,
        count(distinct date_trunc('month', days.day, 'UTC')) as months_count,
        greatest(span.starts_at, (
            select min(ever.time_created) from deployments as ever
            where
                ever.deploy_name = days.deploy_name
                and (:environment::text is null or ever.environment_id = :environment::text)
        )) as starts_at,
        span.ends_at
    from days, span
    group by days.deploy_name, span.starts_at, span.ends_at
),

weeks as (
    select
        services.deploy_name,
        week.starts_at,
        count(days.day) as days_count
    from services
    cross join
        lateral generate_series(
            date_trunc('week', services.starts_at, 'UTC'),
            services.ends_at - interval '1 microsecond',
            interval '7 days'
        ) as week (starts_at)
    left join days
        on
            services.deploy_name = days.deploy_name
            and week.starts_at = date_trunc('week', days.day, 'UTC')
    group by services.deploy_name, week.starts_at
),

months as (
    select
        weeks.deploy_name,
        count(*) filter (where weeks.days_count > 0) as weeks_count
    from weeks
    group by weeks.deploy_name, date_trunc('month', weeks.starts_at, 'UTC')
),

medians as (
    select
        weekly.deploy_name,
        weekly.days_per_week,
        weekly.is_week_with_one,
        percentile_cont(0.5) within group (order by months.weeks_count) as weeks_per_month
    from (
        select
            deploy_name,
            percentile_cont(0.5) within group (order by days_count) as days_per_week,
            percentile_cont(0.5) within group (order by least(days_count, 1)) as is_week_with_one
        from weeks
        group by deploy_name
    ) as weekly
    inner join months using (deploy_name)
    group by weekly.deploy_name, weekly.days_per_week, weekly.is_week_with_one
),

frequency as (
    select
        services.deploy_name as "DeployName",
        services.deployments_count as "Deployments",
        services.days_count as "DaysWithDeployments",
        services.weeks_count as "WeeksWithDeployments",
        services.months_count as "MonthsWithDeployments",
        case
            when medians.days_per_week >= 3 then 'daily'
            when medians.is_week_with_one >= 1 then 'weekly'
            when medians.weeks_per_month >= 1 then 'monthly'
            else 'yearly'
        end as "Frequency"
    from services
    inner join medians using (deploy_name)
)

select coalesce(json_agg(frequency order by "DeployName" collate "C")::text, '[]')
from frequency;
