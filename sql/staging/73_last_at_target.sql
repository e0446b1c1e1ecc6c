-- The last event of a target; of those that are no removals, or of rollouts, where that is asked.
create or replace function last_at_target(
    service_id text, environment_id text, target text, is_run boolean, is_rollout boolean
)
returns table (happened_at timestamptz, revision bigint, cd_source text, cd_id text)
language sql stable as $$
    select known.happened_at, known.revision, known.cd_source, known.cd_id
    from timeline as known
    where
        (known.service_id, known.environment_id, known.target)
        = (last_at_target.service_id, last_at_target.environment_id, last_at_target.target)
        and (not last_at_target.is_run or not known.is_removal)
        and (not last_at_target.is_rollout or known.is_rollout)
    order by known.happened_at desc, known.revision desc, known.cd_source desc, known.cd_id desc
    limit 1
$$;
