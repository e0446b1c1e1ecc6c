-- Whether the commits of two versions are the same: where they share repositories, those of each;
-- else, where a repository of one is not known, any.
create or replace function are_same_commits(these text[], others text[]) returns boolean
language sql immutable as $$
    select coalesce(
        bool_and(one.sha = other.sha) filter (
            where one.repository_url = other.repository_url and one.repository_url <> ''
        ),
        bool_or(one.sha = other.sha and (one.repository_url = '' or other.repository_url = '')),
        false
    )
    from (
        select substring(commit from '^(.*) ') as repository_url,
        substring(commit from '[^ ]*$') as sha
        from unnest(are_same_commits.these) as commit
    ) as one
    cross join (
        select substring(commit from '^(.*) ') as repository_url,
        substring(commit from '[^ ]*$') as sha
        from unnest(are_same_commits.others) as commit
    ) as other
$$;

-- Whether two versions of a service are the same (definition 7): by their digests, else by their
-- commits, else by their artifacts; by the first of these that is known of both. Not given as rows:
-- while a rebuild runs, those are of another table.
create or replace function is_same_version(
    digest text, commits text[], artifact text,
    other_digest text, other_commits text[], other_artifact text
)
returns boolean
language sql immutable as $$
    select case
        when digest is not null and other_digest is not null then digest = other_digest
        when commits <> '{}' and other_commits <> '{}'
            then are_same_commits(commits, other_commits)
        else coalesce(artifact = other_artifact, false)
    end
$$;

-- The versions of a service that are the same as one of it. What both know decides, so by less only
-- those are looked up that know no more: a tag that moves has many digests. One may come twice.
create or replace function same_versions(service_id text, version uuid) returns uuid[]
language sql stable as $$
    select array(
        select other.version
        from versions as one
        cross join lateral (
            select found.* from versions as found
            where found.service_id = one.service_id and found.digest = one.digest
            union all
            select found.* from versions as found
            where
                found.service_id = one.service_id
                and found.artifact = one.artifact
                and found.known = any(case one.known
                    when 0 then '{0,1,2,3}'
                    when 1 then '{0,2}'
                    when 2 then '{0,1}'
                    else '{0}'
                end::smallint[])
            union all
            select found.* from versions as found
            where
                found.service_id = one.service_id
                and cardinality(found.shas) = 1
                and found.shas[1] = any(one.shas)
                and found.known = any(
                    case when one.digest is null then '{2,3}' else '{2}' end::smallint[]
                )
            union all
            select found.* from versions as found
            where
                found.service_id = one.service_id
                and cardinality(found.shas) > 1
                and found.shas && one.shas
        ) as other
        where
            one.service_id = same_versions.service_id
            and one.version = same_versions.version
            and case
                when other.version = one.version then one.known > 0 or one.artifact is not null
                else is_same_version(
                    one.digest, one.commits, one.artifact, other.digest, other.commits,
                    other.artifact
                )
            end
    )
$$;

comment on function same_versions is
'The versions of a service that are the same as one of it.';
