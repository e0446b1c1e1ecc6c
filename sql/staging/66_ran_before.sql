-- Whether one of these versions ran at a target.
create or replace function has_run(
    service_id text, environment_id text, target text, these uuid[]
) returns boolean
language sql stable as $$
    select exists (
        select from unnest(has_run.these) as named (version)
        cross join lateral (
            select from timeline as ran
            where
                ran.service_id = has_run.service_id
                and ran.environment_id = has_run.environment_id
                and ran.target = has_run.target
                and ran.version = named.version
                and not ran.is_removal
            -- Keeps it a look-up of the version.
            order by ran.happened_at, ran.revision, ran.cd_source, ran.cd_id
            limit 1
        ) as first_run
    )
$$;

-- Whether one of these versions ran at a target before any of others did. What runs first as one of
-- both ran before neither.
create or replace function ran_before(
    service_id text, environment_id text, target text, these uuid[], others uuid[]
) returns boolean
language sql stable as $$
    select coalesce((
        select not first_run.version = any(ran_before.others)
        from unnest(ran_before.these || ran_before.others) as named (version)
        cross join lateral (
            select ran.version, ran.happened_at, ran.revision, ran.cd_source, ran.cd_id
            from timeline as ran
            where
                ran.service_id = ran_before.service_id
                and ran.environment_id = ran_before.environment_id
                and ran.target = ran_before.target
                and ran.version = named.version
                and not ran.is_removal
            order by ran.happened_at, ran.revision, ran.cd_source, ran.cd_id
            limit 1
        ) as first_run
        order by
            first_run.happened_at, first_run.revision, first_run.cd_source, first_run.cd_id
        limit 1
    ), false)
$$;

comment on function ran_before is
'Whether one of some versions ran at a target before any of others did.';

-- Whether a template ran at a target before another one did.
create or replace function template_ran_before(
    service_id text, environment_id text, target text, template text, other text
) returns boolean
language sql stable as $$
    select coalesce((
        select first_run.template_fingerprint = template_ran_before.template
        from (
            values (template_ran_before.template), (template_ran_before.other)
        ) as named (template)
        cross join lateral (
            select
                ran.template_fingerprint, ran.happened_at, ran.revision, ran.cd_source, ran.cd_id
            from timeline as ran
            where
                ran.service_id = template_ran_before.service_id
                and ran.environment_id = template_ran_before.environment_id
                and ran.target = template_ran_before.target
                and ran.template_fingerprint = named.template
                and not ran.is_removal
            order by ran.happened_at, ran.revision, ran.cd_source, ran.cd_id
            limit 1
        ) as first_run
        order by
            first_run.happened_at, first_run.revision, first_run.cd_source, first_run.cd_id
        limit 1
    ), false)
$$;
