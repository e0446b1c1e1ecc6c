-- The changes that the deployments asked about shipped: one row per deployment that counts and
-- change.
-- starts inclusive, ends exclusive; repositories null for all; the rest: 50_asked.sql
create or replace function changes_in_places(
    starts timestamptz, ends timestamptz, services text[], environments text[], tiers text[],
    repositories text[]
)
returns setof shipped_changes
language sql stable as $$
    select change.*
    from shipped_changes as change
    inner join asked_places(
        changes_in_places.services, changes_in_places.environments, changes_in_places.tiers, null,
        null
    ) as place using (service_id, environment_id)
    where
        change.deployed_at >= changes_in_places.starts
        and change.deployed_at < changes_in_places.ends
        and (change.deploy_source, change.deploy_id) not in (
            select uncounted.deploy_source, uncounted.deploy_id
            from uncounted_deployments() as uncounted
        )
        -- Said again, so that those of a few services are found by an index; where a repository is
        -- asked about, there is enough to find them by.
        and (
            changes_in_places.services is null
            or changes_in_places.repositories is not null
            or change.service_id = any(changes_in_places.services)
        )
        and (
            changes_in_places.repositories is null
            or change.repository_id = any(changes_in_places.repositories)
        )
$$;

comment on function changes_in_places is
'The changes that the deployments asked about shipped.';

-- The services that are asked about in several places.
create or replace function services_in_places(services text[], environments text[], tiers text[])
returns table (service_id text)
language sql stable as $$
    select place.service_id
    from asked_places(
        services_in_places.services, services_in_places.environments, services_in_places.tiers,
        null, null
    ) as place
    group by place.service_id
    having count(*) > 1
$$;

comment on function services_in_places is
'The services that are asked about in several places.';

-- The changes that the deployments of a group's places shipped: of each change and service, at the
-- first of these deployments that shipped it (definition 28). Most services have one place there,
-- in which a change ships once; where no repository is asked about, an index has all of these.
-- starts inclusive, ends exclusive; repositories null for all; the rest: asked_groups
create or replace function changes_of_group(
    starts timestamptz, ends timestamptz, service_ids text[], environment_ids text[],
    is_alone boolean[], repositories text[]
)
returns setof shipped_changes
language sql stable as $$
    select change.*
    from unnest(
        changes_of_group.service_ids, changes_of_group.environment_ids, changes_of_group.is_alone
    ) as place (service_id, environment_id, is_alone)
    inner join shipped_changes as change using (service_id, environment_id)
    where
        place.is_alone
        and changes_of_group.repositories is null
        and change.deployed_at >= changes_of_group.starts
        and change.deployed_at < changes_of_group.ends
    union all
    select change.*
    from unnest(
        changes_of_group.service_ids, changes_of_group.environment_ids, changes_of_group.is_alone
    ) as place (service_id, environment_id, is_alone)
    inner join shipped_changes as change using (service_id, environment_id)
    where
        place.is_alone
        and changes_of_group.repositories is not null
        and change.repository_id = any(changes_of_group.repositories)
        and change.deployed_at >= changes_of_group.starts
        and change.deployed_at < changes_of_group.ends
    union all
    select first_shipped.*
    from (
        select distinct on (change.service_id, change.sha, change.repository_id) change.*
        from unnest(
            changes_of_group.service_ids, changes_of_group.environment_ids,
            changes_of_group.is_alone
        ) as place (service_id, environment_id, is_alone)
        inner join shipped_changes as change using (service_id, environment_id)
        where
            not place.is_alone
            and change.deployed_at >= changes_of_group.starts
            and change.deployed_at < changes_of_group.ends
            and (
                changes_of_group.repositories is null
                or change.repository_id = any(changes_of_group.repositories)
            )
            and (change.deploy_source, change.deploy_id) not in (
                select uncounted.deploy_source, uncounted.deploy_id
                from uncounted_deployments() as uncounted
            )
        order by
            change.service_id, change.sha, change.repository_id, change.deployed_at,
            change.revision, change.deploy_source, change.deploy_id
    ) as first_shipped
$$;

comment on function changes_of_group is
'The changes that the deployments of a group''s places shipped, each once.';

-- The changes that are asked about, of each group. group_by: 50_asked.sql; the rest:
-- changes_of_group
create or replace function asked_changes(
    starts timestamptz, ends timestamptz, services text[], environments text[], tiers text[],
    repositories text[], group_by text
)
returns setof shipped_changes
language sql stable as $$
    select change.*
    from asked_groups(
        asked_changes.services, asked_changes.environments, asked_changes.tiers,
        asked_changes.group_by, null
    ) as asked
    cross join lateral changes_of_group(
        asked_changes.starts, asked_changes.ends, asked.service_ids, asked.environment_ids,
        asked.is_alone, asked_changes.repositories
    ) as change
$$;

comment on function asked_changes is
'The shipped changes that a question is about, each once.';

-- The same changes for a list, which reads them in the order of time and stops soon: whether one
-- was shipped before is looked up for each.
create or replace function asked_changes_in_order(
    starts timestamptz, ends timestamptz, services text[], environments text[], tiers text[],
    repositories text[]
)
returns setof shipped_changes
language sql stable as $$
    select change.*
    from changes_in_places(
        asked_changes_in_order.starts, asked_changes_in_order.ends,
        asked_changes_in_order.services, asked_changes_in_order.environments,
        asked_changes_in_order.tiers, asked_changes_in_order.repositories
    ) as change
    where case
        when change.service_id in (
            select several.service_id from services_in_places(
                asked_changes_in_order.services, asked_changes_in_order.environments,
                asked_changes_in_order.tiers
            ) as several
        ) then not exists (
            select from changes_in_places(
                asked_changes_in_order.starts, asked_changes_in_order.ends,
                asked_changes_in_order.services, asked_changes_in_order.environments,
                asked_changes_in_order.tiers, asked_changes_in_order.repositories
            ) as earlier
            where
                (earlier.service_id, earlier.sha, earlier.repository_id)
                = (change.service_id, change.sha, change.repository_id)
                and (
                    earlier.deployed_at, earlier.revision, earlier.deploy_source, earlier.deploy_id
                )
                < (change.deployed_at, change.revision, change.deploy_source, change.deploy_id)
        )
        else true
    end
$$;

comment on function asked_changes_in_order is
'The shipped changes that a question is about, each once, for a list.';
