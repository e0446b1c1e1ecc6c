-- One row per change: a commit of a branch in all its tellings. A commit time told together with
-- the opening of a pull request goes before others: a squash makes a new commit at the merge.
create or replace view stg_changes as
with told as (
    select
        repository_id,
        branch,
        sha,
        bool_or(opened_at is not null) as is_opened,
        min(committed_at) filter (where opened_at is not null) as committed_before_opening_at,
        min(committed_at) as committed_at,
        min(opened_at) as opened_at,
        min(merged_at) as merged_at,
        max(mainline_position) as mainline_position
    from change_commits
    group by repository_id, branch, sha
)

select
    repository_id,
    branch,
    sha,
    case when is_opened then committed_before_opening_at else committed_at end as committed_at,
    opened_at,
    merged_at,
    mainline_position
from told;

alter view stg_changes owner to dora_owner;
grant select on stg_changes to dora_writer, dora_reader;
