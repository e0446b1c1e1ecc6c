-- Services as the catalog knows them: one row each, with when an event first named it, and its
-- team: the catalog's, else that of its latest event that has one.
create or replace view known_services as
select
    coalesce(found.service_id, said.service_id) as service_id,
    coalesce(said.team, found.team) as team,
    found.named_at
from (
    select
        resolved.service_id,
        min(named.first_named_at) as named_at,
        (
            array_agg(
                named.team
                order by named.team_named_at desc, named.cd_source desc, named.team_named_by desc
            )
            filter (where named.team is not null)
        )[1] as team
    from (
        select
            known.service_name, known.cd_source, known.environment_name, known.first_named_at,
            known.team, known.team_named_at, known.team_named_by, known.service_names
        from named_services as known
        union all
        -- What a person says that an event should have named.
        select
            correction.service_name, correction.source,
            case when event.assumed_environment then '' else event.environment_name end,
            event.happened_at, null, null, null, '{}'
        from corrections as correction
        inner join service_events as event
            on
                correction.kind = 'deployment'
                and correction.source = event.cd_source
                and correction.id = event.cd_id
        where correction.service_name is not null
        union all
        select
            correction.service_name, correction.source,
            case when event.assumed_environment then '' else event.environment_name end,
            event.happened_at, null, null, null, '{}'
        from corrections as correction
        inner join incident_events as event
            on
                correction.kind = 'incident'
                and correction.source = event.cd_source
                and correction.id = event.incident_id
        where correction.service_name is not null
    ) as named
    cross join
        lateral (
            select case
                when named.service_names <> '{}'
                    then (
                        select known.service_id
                        from resolved_names(
                            nullif(named.service_name, ''), named.service_names, named.cd_source,
                            named.environment_name, false
                        ) as known
                    )
                when named.service_name in (select alias.name from catalog_aliases as alias)
                    then resolved_service(
                        named.service_name, named.cd_source, named.environment_name
                    )
                else named.service_name
            end as service_id
        ) as resolved
    where resolved.service_id is not null
    group by resolved.service_id
) as found
full join catalog_services as said on found.service_id = said.service_id;

comment on view known_services is
'Services as the catalog knows them, with team and when first named: one row each.';
comment on column known_services.named_at is
'Time of the first event that names it; null for one that only the catalog knows.';

alter view known_services owner to dora_owner;
grant select on known_services to dora_metrics, dora_reader;
