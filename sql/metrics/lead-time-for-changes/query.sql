-- Lead time for changes: one row per group, and where there are several buckets one per group and
-- bucket that has shipped changes, with what a bucket has. Where bots are apart, their changes are
-- beside the others.
-- :from inclusive, :to exclusive; :repositories text[], or null for all; :bots_apart boolean;
-- :values_only boolean, whether percentiles and stages are left out; the other parameters:
-- sql/staging/50_asked.sql
select
    asked.group_name,
    shipped.*
from
    asked_groups(
        :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb
    ) as asked
cross join
    lateral (
        with changes as not materialized (
            select
                width_bucket(change.deployed_at, :bucket_starts::timestamptz[]) as bucket,
                change.is_bot and :bots_apart::boolean as is_apart,
                change.*
            from changes_of_group(
                :from::timestamptz, :to::timestamptz, asked.service_ids, asked.environment_ids,
                asked.is_alone, :repositories::text[]
            ) as change
        )

        select
            null::integer as bucket,
            percentile_cont(0.5) within group (order by lead_time_seconds)
            filter (where not is_apart) as value,
            count(*) filter (where not is_apart) as count,
            percentile_cont(array[0.5, 0.75, 0.9, 0.95]) within group (order by lead_time_seconds)
            filter (where not is_apart and not :values_only::boolean) as percentiles,
            percentile_cont(0.5) within group (order by commit_to_opened_seconds)
            filter (where not is_apart and not :values_only::boolean) as commit_to_opened,
            percentile_cont(0.5) within group (order by opened_to_merged_seconds)
            filter (where not is_apart and not :values_only::boolean) as opened_to_merged,
            percentile_cont(0.5) within group (order by merged_to_deployed_seconds)
            filter (where not is_apart and not :values_only::boolean) as merged_to_deployed,
            percentile_cont(0.5) within group (order by lead_time_seconds)
            filter (where is_apart) as bots_value,
            count(*) filter (where is_apart) as bots_count
        from changes
        having count(*) > 0
        union all
        select
            bucket,
            percentile_cont(0.5) within group (order by lead_time_seconds)
            filter (where not is_apart),
            count(*) filter (where not is_apart),
            null, null, null, null, null, null
        from changes
        where cardinality(:bucket_starts::timestamptz[]) > 1
        group by bucket
    ) as shipped
order by asked.group_name, shipped.bucket;
