-- Mark the deployments between whose places a given commit is, or was told to be.
-- :source, :id text of one event, or :after, :until bigint places in the log
with commits as (
    select distinct telling.repository_id, telling.branch, telling.mainline_position
    from stg_given(:source::text, :id::text, :after::bigint, :until::bigint) as given
    inner join change_commits as given_commit
        on given.cd_source = given_commit.cd_source and given.cd_id = given_commit.cd_id
    inner join change_commits as telling
        on
            given_commit.repository_id = telling.repository_id
            and given_commit.branch = telling.branch
            and given_commit.sha = telling.sha
)

update deployed_changes
set is_stale = true
from commits
where
    deployed_changes.repository_id = commits.repository_id
    and deployed_changes.branch = commits.branch
    and deployed_changes.mainline_position >= commits.mainline_position
    and (
        deployed_changes.previous_position < commits.mainline_position
        or deployed_changes.previous_position is null
    )
    and not deployed_changes.is_stale;
