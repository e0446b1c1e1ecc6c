-- A change.merged by itself. It, and what follows here, is written into a statement with its limit
-- or its offset 0, and so looked up by its key whatever the planner thinks of the tables' sizes.
create or replace function merged_change(source text, id text) returns setof changes_merged
language sql stable as $$
    select known.* from changes_merged as known
    where known.cd_source = merged_change.source and known.cd_id = merged_change.id
    limit 1
$$;

-- The step of a change.merged.
create or replace function step_of(source text, id text) returns setof steps
language sql stable as $$
    select known.* from steps as known
    where known.step_source = step_of.source and known.step_id = step_of.id
    limit 1
$$;

-- Where a commit is listed: one row per change.merged.
create or replace function listings_of(sha text) returns setof change_commits
language sql stable as $$
    select listed.* from change_commits as listed
    where listed.sha = listings_of.sha
    offset 0
$$;

-- The reports of merges whose commit this is.
create or replace function reports_of(sha text) returns setof changes_merged
language sql stable as $$
    select known.* from changes_merged as known
    where known.last_sha = reports_of.sha and known.reports_merge
    offset 0
$$;

-- The commits that a change.merged lists, after a place up to another.
create or replace function listed_between(
    source text, id text, after_place integer, until_place integer
)
returns table (place integer, sha text)
language sql stable as $$
    select listed.place, listed.sha from change_commits as listed
    where
        (listed.cd_source, listed.cd_id) = (listed_between.source, listed_between.id)
        and listed.place > listed_between.after_place
        and listed.place <= listed_between.until_place
    offset 0
$$;

-- What is known of a commit of a repository.
create or replace function change_of(repository_url text, sha text) returns setof changes
language sql stable as $$
    select known.* from changes as known
    where known.sha = change_of.sha and known.repository_url = change_of.repository_url
    limit 1
$$;

-- A deployment as lead time has it.
create or replace function deployment_of(source text, id text) returns setof deployed_changes
language sql stable as $$
    select known.* from deployed_changes as known
    where known.deploy_source = deployment_of.source and known.deploy_id = deployment_of.id
    limit 1
$$;

-- What a deployment reached.
create or replace function marks_of(source text, id text) returns setof reached_steps
language sql stable as $$
    select mark.* from reached_steps as mark
    where mark.deploy_source = marks_of.source and mark.deploy_id = marks_of.id
    offset 0
$$;

-- How far a service and environment came in a step.
create or replace function marks_in(
    service_id text, environment_id text, repository_url text, source text, id text
)
returns setof reached_steps
language sql stable as $$
    select mark.* from reached_steps as mark
    where
        (mark.service_id, mark.environment_id, mark.repository_url, mark.step_source, mark.step_id)
        = (marks_in.service_id, marks_in.environment_id, marks_in.repository_url, marks_in.source, marks_in.id)
    offset 0
$$;
