-- Services as the catalog knows them: one row each, with when an event first named it, and its
-- team: the catalog's, else that of its latest event that has one.
create or replace view known_services as
select
    coalesce(told.service_id, said.service_id) as service_id,
    coalesce(said.team, told.team) as team,
    told.named_at
from (
    select
        resolved.service_id,
        min(named.first_named_at) as named_at,
        (
            array_agg(named.team order by named.team_named_at desc, named.team_named_by desc)
            filter (where named.team is not null)
        )[1] as team
    from named_services as named
    cross join
        lateral (
            select case
                when named.service_name in (select alias.name from catalog_aliases as alias)
                    then resolved_service(
                        named.service_name, named.cd_source, named.environment_name
                    )
                else named.service_name
            end as service_id
        ) as resolved
    group by resolved.service_id
) as told
full join catalog_services as said on told.service_id = said.service_id;

comment on view known_services is
'Services as the catalog knows them, with team and when first named: one row each.';
comment on column known_services.named_at is
'Time of the first event that names it; null for one that only the catalog knows.';

alter view known_services owner to dora_owner;
grant select on known_services to dora_writer, dora_reader;
