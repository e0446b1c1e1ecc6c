-- Part of applying events: bring steps up to date with the change.merged events among them, and
-- mark the deployments stale that may ship other changes now. Called before the timeline is.
-- sources, ids: the events of the log that are applied.
create or replace function renew_steps(sources text[], ids text[]) returns void
language sql as $$
    select
$$;
