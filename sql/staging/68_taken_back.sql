-- The deployment that a rollout which goes back takes back (definition 14): no rollback, but the
-- root of a chain of them; no row where there is none.
-- moment: of the rollout; last_source, last_id: the target's last rollout.
create or replace function taken_back(
    service_id text, environment_id text, moment timestamptz, last_source text, last_id text
)
returns table (deploy_source text, deploy_id text)
language sql stable as $$
    -- What ran there; at the target's first rollout the latest of all, as its first rollout had it.
    with ran as materialized (
        (
            select known.*, rollout.takes_back_source, rollout.takes_back_id
            from timeline as rollout
            inner join timeline_deployments as known using (deploy_source, deploy_id)
            where rollout.cd_source = taken_back.last_source and rollout.cd_id = taken_back.last_id
        )
        union all
        (
            select known.*, rollout.takes_back_source, rollout.takes_back_id
            from timeline_deployments as known
            inner join timeline as rollout
                on known.deploy_source = rollout.cd_source and known.deploy_id = rollout.cd_id
            where
                taken_back.last_id is null
                and known.service_id = taken_back.service_id
                and known.environment_id = taken_back.environment_id
            order by
                known.deployed_at desc, known.revision desc, known.deploy_source desc,
                known.deploy_id desc
            limit 1
        )
    )

    select ran.deploy_source, ran.deploy_id from ran
    where not ran.is_rollback
    union all
    select ran.takes_back_source, ran.takes_back_id from ran
    where ran.is_rollback and taken_back.moment <= ran.deployed_at + interval '24 hours'
    union all
    (
        select earlier.deploy_source, earlier.deploy_id
        from ran
        cross join lateral (
            select known.* from timeline_deployments as known
            where
                (known.service_id, known.environment_id) = (ran.service_id, ran.environment_id)
                and known.version = any(same_versions(ran.service_id, ran.version))
                and not known.is_rollback
                and (known.deployed_at, known.revision, known.deploy_source, known.deploy_id)
                < (ran.deployed_at, ran.revision, ran.deploy_source, ran.deploy_id)
            order by
                known.deployed_at desc, known.revision desc, known.deploy_source desc,
                known.deploy_id desc
            limit 1
        ) as earlier
        where ran.is_rollback and taken_back.moment > ran.deployed_at + interval '24 hours'
    )
$$;

comment on function taken_back is
'The deployment that a rollout which goes back takes back; or no row.';
