-- What the statements that answer questions share: the groups, the buckets and the filters.
--   group_by                service, environment, team, or null for one group
--   teams                   JSON object of the teams by service
--   bucket_starts           when each bucket begins; a bucket's number is width_bucket's, from 1
--   services, environments  null for all
--   exceptions              JSON object, by service and environment: whether it is asked for, where
--                           environments do not say so; or null
-- PostgreSQL puts each expression in the place of its call, so that a filter that is null costs
-- nothing and the others find rows by indexes.

-- The name of the group that a service and environment are in.
create or replace function asked_group(
    group_by text, service_id text, environment_id text, teams jsonb
)
returns text
language sql immutable as $$
    select case group_by
        when 'service' then service_id
        when 'environment' then environment_id
        when 'team' then teams ->> service_id
    end
$$;

-- Whether the filters let a service and environment through.
-- A case, for without exceptions it leaves nothing behind in the plan, as a coalesce would.
create or replace function is_asked(
    service_id text, environment_id text, services text[], environments text[], exceptions jsonb
)
returns boolean
language sql immutable as $$
    select
        (services is null or service_id = any(services))
        and case
            when exceptions -> service_id ? environment_id
                then (exceptions -> service_id ->> environment_id)::boolean
            else environments is null or environment_id = any(environments)
        end
$$;
