-- Whether a deployment counts: whether no person says that it does not.
create or replace function deployment_counts(source text, id text) returns boolean
language sql stable as $$
    select not exists (
        select from corrections as correction
        where
            correction.kind = 'deployment'
            and correction.source = deployment_counts.source
            and correction.id = deployment_counts.id
            and not correction.counts
    )
$$;

comment on function deployment_counts is
'Whether a deployment counts: whether no person says that it does not.';
