-- The changes that are asked about: of each change and service, at the first of the deployments
-- asked about that shipped it (definition 28); where they are grouped by environment, of each
-- environment.
-- starts inclusive, ends exclusive; repositories null for all; the rest: 50_asked.sql
create or replace function asked_changes(
    starts timestamptz, ends timestamptz, services text[], environments text[], tiers text[],
    repositories text[], group_by text
)
returns setof shipped_changes
language sql stable as $$
    select change.*
    from shipped_changes as change
    inner join asked_places(
        asked_changes.services, asked_changes.environments, asked_changes.tiers, null, null
    ) as place using (service_id, environment_id)
    where
        change.deployed_at >= asked_changes.starts
        and change.deployed_at < asked_changes.ends
        and deployment_counts(change.deploy_source, change.deploy_id)
        and (
            asked_changes.repositories is null
            or change.repository_id = any(asked_changes.repositories)
        )
        and not exists (
            select from shipped_changes as earlier
            inner join asked_places(
                asked_changes.services, asked_changes.environments, asked_changes.tiers, null, null
            ) as earlier_place using (service_id, environment_id)
            where
                asked_changes.group_by is distinct from 'environment'
                -- Most services have one place, in which a change ships once.
                and earlier.service_id in (
                    select other.service_id
                    from asked_places(
                        asked_changes.services, asked_changes.environments, asked_changes.tiers,
                        null, null
                    ) as other
                    group by other.service_id
                    having count(*) > 1
                )
                and (earlier.service_id, earlier.sha, earlier.repository_id)
                = (change.service_id, change.sha, change.repository_id)
                and earlier.deployed_at >= asked_changes.starts
                and deployment_counts(earlier.deploy_source, earlier.deploy_id)
                and (
                    earlier.deployed_at, earlier.revision, earlier.deploy_source, earlier.deploy_id
                )
                < (change.deployed_at, change.revision, change.deploy_source, change.deploy_id)
        )
$$;

comment on function asked_changes is
'The shipped changes that a question is about, each once.';
