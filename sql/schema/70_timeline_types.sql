-- What functions of the timeline and of lead time hand on to each other.
do $$
begin
    if to_regtype('event_key') is not null then
        return;
    end if;
    -- Source and id of a CDEvent, or of a deployment, which are those of its first rollout.
    create type event_key as (cd_source text, cd_id text);
    -- From where on the timeline of a service and environment is written again.
    create type timeline_start as (
        service_id text, environment_id text, happened_at timestamptz, revision bigint,
        cd_source text, cd_id text
    );
    -- A service event with its place and version.
    create type timeline_event as (
        cd_source text, cd_id text, service_id text, environment_id text,
        happened_at timestamptz, revision bigint, started_at timestamptz, is_unplanned boolean,
        environment_name text, uid text, repository_url text, predicate text, artifact text,
        digest text, tag_key text, commits text[], repositories text[], template_fingerprint text
    );
    -- A service event, the deployment that it is part of, and the one that it takes back.
    create type timeline_rollout as (
        cd_source text, cd_id text, deploy_source text, deploy_id text, takes_back_source text,
        takes_back_id text
    );
    -- A deployment as it was before events were applied, or as it is after that.
    create type changed_deployment as (
        deploy_source text, deploy_id text, service_id text, environment_id text,
        deployed_at timestamptz, started_at timestamptz, completed_at timestamptz,
        is_rollback boolean, is_unplanned boolean, artifact text, digest text, tag_key text,
        version uuid, commits text[], predicate text, revision bigint
    );
end
$$;

-- A target while events are written into its timeline, as timeline_targets has it before and after.
do $$
begin
    if to_regtype('held_target') is null then
        create type held_target as (
            service_id text, environment_id text, target text, environment_name text,
            uid_source text, last_at timestamptz, last_revision bigint, last_source text,
            last_id text, run_source text, run_id text, rollout_source text, rollout_id text,
            removed_at timestamptz
        );
    end if;
end
$$;
