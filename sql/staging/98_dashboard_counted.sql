-- What dashboards compute the metrics of; what is given is as questions have it: 50_asked.sql

-- What a metric is computed of: one row per deployment or change, with its number: 1; seconds, null
-- where nobody recovered yet; or 1 and 0 of which the mean is a rate.
create or replace function dashboard_counted(
    metric text, starts timestamptz, ends timestamptz, services text[], environments text[],
    tiers text[]
)
returns table (deployed_at timestamptz, number double precision)
language sql stable as $$
    select deployed.time_created, 1
    from asked_places(
        dashboard_counted.services, dashboard_counted.environments, dashboard_counted.tiers, null,
        null
    ) as place
    inner join deployments as deployed
        on
            place.service_id = deployed.deploy_name
            and place.environment_id = deployed.environment_id
    where
        dashboard_counted.metric = 'deployment-frequency'
        and deployed.time_created >= dashboard_counted.starts
        and deployed.time_created < dashboard_counted.ends
    union all
    select change.deployed_at, change.lead_time_seconds
    from asked_changes(
        dashboard_counted.starts, dashboard_counted.ends, dashboard_counted.services,
        dashboard_counted.environments, dashboard_counted.tiers, null, null
    ) as change
    where dashboard_counted.metric = 'lead-time-for-changes'
    union all
    select deployed.deployed_at, deployed.is_failed::integer
    from asked_places(
        dashboard_counted.services, dashboard_counted.environments, dashboard_counted.tiers, null,
        null
    )
    inner join deployment_failures as deployed using (service_id, environment_id)
    where
        dashboard_counted.metric = 'change-failure-rate'
        and not deployed.is_rollback
        and deployed.deployed_at >= dashboard_counted.starts
        and deployed.deployed_at < dashboard_counted.ends
    union all
    select failed.deployed_at, seconds_between(failed.deployed_at, failed.recovered_at)
    from asked_places(
        dashboard_counted.services, dashboard_counted.environments, dashboard_counted.tiers, null,
        null
    )
    inner join recoveries as failed using (service_id, environment_id)
    where
        dashboard_counted.metric = 'failed-deployment-recovery-time'
        and failed.deployed_at >= dashboard_counted.starts
        and failed.deployed_at < dashboard_counted.ends
    union all
    select deployed.deployed_at, deployed.is_rework::integer
    from asked_places(
        dashboard_counted.services, dashboard_counted.environments, dashboard_counted.tiers, null,
        null
    )
    inner join deployment_reworks as deployed using (service_id, environment_id)
    where
        dashboard_counted.metric = 'deployment-rework-rate'
        and deployed.deployed_at >= dashboard_counted.starts
        and deployed.deployed_at < dashboard_counted.ends
$$;

comment on function dashboard_counted is
'What a metric is computed of, for dashboards: one row per deployment or change.';

-- Whether a metric can be known, and of how many days: one row.
create or replace function dashboard_facts(
    metric text, starts timestamptz, ends timestamptz, services text[], environments text[],
    tiers text[]
)
returns table (is_known boolean, is_deployed boolean, covered_days double precision)
language sql stable as $$
    select
        case dashboard_facts.metric
            when 'deployment-frequency' then true
            when 'lead-time-for-changes' then true
            when 'deployment-rework-rate'
                then coalesce(
                    bool_or(known.has_incidents or known.has_rollbacks or known.has_unplanned),
                    false
                )
            else coalesce(bool_or(known.has_incidents or known.has_rollbacks), false)
        end,
        coalesce(bool_or(known.is_deployed), false),
        extract(epoch from
            least(max(known.covered_to), now(), dashboard_facts.ends)
            -- Where nothing names a service, none is covered.
            - case when count(*) > 0
                then greatest(min(known.covered_from), dashboard_facts.starts)
            end
        )::double precision / 86400
    from group_facts(
        dashboard_facts.services, dashboard_facts.environments, dashboard_facts.tiers, null, null,
        'UTC'
    ) as known
    where known.covered_from is not null
$$;

-- What is not known of the deployments that a lead time is of, where that is more than half of what
-- it rests on: the first such part, or no row.
create or replace function dashboard_doubt(
    starts timestamptz, ends timestamptz, services text[], environments text[], tiers text[],
    changes_count bigint
)
returns table (reason text)
language sql stable as $$
    select format(
        'no level, for %s is %s: more than half of %s', part.name, part.number, part.whole
    )
    from (
        select
            count(*) as deployments_count,
            count(*) filter (where not deployed.is_linked) as unlinked,
            sum(deployed.gaps)::bigint as gaps,
            sum(deployed.contradictions)::bigint as contradictions,
            sum(deployed.incomplete_pushes)::bigint as incomplete_pushes
        from asked_places(
            dashboard_doubt.services, dashboard_doubt.environments, dashboard_doubt.tiers, null,
            null
        )
        inner join deployed_changes as deployed using (service_id, environment_id)
        where
            deployed.deployed_at >= dashboard_doubt.starts
            and deployed.deployed_at < dashboard_doubt.ends
            and (deployed.deploy_source, deployed.deploy_id) not in (
                select uncounted.deploy_source, uncounted.deploy_id
                from uncounted_deployments() as uncounted
            )
    ) as found
    cross join lateral (
        values
        (1, 'unlinked', found.unlinked, found.deployments_count),
        (2, 'gaps', found.gaps, dashboard_doubt.changes_count),
        (3, 'contradictions', found.contradictions, dashboard_doubt.changes_count),
        (4, 'incomplete_pushes', found.incomplete_pushes, dashboard_doubt.changes_count)
    ) as part (place, name, number, whole)
    where 2 * part.number > part.whole
    order by part.place
    limit 1
$$;
