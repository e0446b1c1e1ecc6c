-- Mark the deployments between whose places a given commit is, or was told to be.
-- :source, :id text of one event, or :after, :until bigint places in the log
with given as materialized (
    select * from stg_given(:source::text, :id::text, :after::bigint, :until::bigint)
    where cd_subject = 'change' and cd_predicate = 'merged'
),

told as (
    select commit.repository_id, commit.branch, commit.sha, commit.mainline_position
    from given
    inner join change_commits as commit using (cd_source, cd_id)
    union
    select commit.repository_id, commit.branch, commit.sha, commit.mainline_position
    from given
    inner join cdevents_replaced as replaced using (cd_source, cd_id)
    cross join told_commits(replaced.content, replaced.cd_timestamp) as commit
),

commits as (
    select told.repository_id, told.branch, told.mainline_position from told
    union
    select telling.repository_id, telling.branch, telling.mainline_position
    from told
    inner join change_commits as telling using (repository_id, branch, sha)
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
