-- Events that may be why one of the log cannot be applied, though they could be: those of its
-- services, and of what these are made of; the newest thousand.
create or replace function suspects(source text, id text) returns event_key[]
language sql stable as $$
    with named as materialized (
        select array[fact.service_name, fact.repository_url] as names from service_events as fact
        where fact.cd_source = suspects.source and fact.cd_id = suspects.id
        union all
        select fact.service_name || coalesce(fact.service_names, '{}') from incident_events as fact
        where fact.cd_source = suspects.source and fact.cd_id = suspects.id
        union all
        select array[fact.repository_url] from changes_merged as fact
        where fact.cd_source = suspects.source and fact.cd_id = suspects.id
        union all
        select array[fact.repository_url] from artifact_events as fact
        where fact.cd_source = suspects.source and fact.cd_id = suspects.id
    ),

    names as materialized (
        select distinct one.name from named cross join unnest(named.names) as one (name)
        where one.name <> ''
    ),

    found as (
        select fact.cd_source, fact.cd_id from service_events as fact
        where fact.service_name in (select name from names)
        union
        select fact.cd_source, fact.cd_id from service_events as fact
        where fact.repository_url in (select name from names)
        union
        select fact.cd_source, fact.cd_id from incident_events as fact
        where fact.service_name in (select name from names)
        union
        select fact.cd_source, fact.cd_id from changes_merged as fact
        where fact.repository_url in (select name from names)
        union
        select fact.cd_source, fact.cd_id from artifact_events as fact
        where fact.repository_url in (select name from names)
    ),

    corrected as (
        select * from found
        union
        select fact.cd_source, fact.cd_id
        from found
        inner join correction_events as fact on found.cd_id = fact.id
    )

    select array(
        select (event.cd_source, event.cd_id)::event_key
        from corrected
        inner join cdevents_raw as event using (cd_source, cd_id)
        where (event.cd_source, event.cd_id) <> (suspects.source, suspects.id)
        order by event.seq desc
        limit 1000
    )
$$;

-- Whether an event of the log can be applied where others had never come. All stays as it was.
create or replace function is_applied_without(source text, id text, absent event_key[])
returns boolean
language plpgsql as $$
begin
    perform forget_facts(event) from unnest(absent) as key
    inner join cdevents_raw as event using (cd_source, cd_id);
    perform advance(array_agg(key.cd_source), array_agg(key.cd_id)) from unnest(absent) as key;
    perform advance(array[source], array[id]);
    raise sqlstate 'DORA0';
exception
    when sqlstate 'DORA0' then
        return true;
    when data_exception or integrity_constraint_violation or program_limit_exceeded
        or raise_exception or cardinality_violation then
        return false;
end
$$;

-- The one event without which another can be applied, found by halving; or null.
create or replace function find_fault(source text, id text) returns event_key
language plpgsql as $$
declare
    suspected event_key[] := suspects(source, id);
    half integer;
begin
    if suspected = '{}' or not is_applied_without(source, id, suspected) then
        return null;
    end if;
    while cardinality(suspected) > 1 loop
        half := cardinality(suspected) / 2;
        suspected := case
            when is_applied_without(source, id, suspected[: half]) then suspected[: half]
            else suspected[half + 1 :]
        end;
    end loop;
    return case when is_applied_without(source, id, suspected) then suspected[1] end;
end
$$;

comment on function find_fault is
'The one event without which another can be applied; or null.';

-- Forget whatever an event of the log said, as if it had never come, and note why.
create or replace function put_aside(aside event_key, reason text, suspect event_key)
returns void
language plpgsql as $$
begin
    perform quarantine('timeline', aside.cd_source, aside.cd_id, reason);
    update quarantined set suspect_source = suspect.cd_source, suspect_id = suspect.cd_id
    where
        metric = 'timeline' and md5(cd_source || ' ' || cd_id)
        = md5(aside.cd_source || ' ' || aside.cd_id);
    perform forget_facts(event) from cdevents_raw as event
    where event.cd_source = aside.cd_source and event.cd_id = aside.cd_id;
    begin
        -- What an earlier report under this id said may be in the timeline.
        perform advance(array[aside.cd_source], array[aside.cd_id]);
    exception
        when data_exception or integrity_constraint_violation or program_limit_exceeded
            or raise_exception or cardinality_violation then
            raise warning 'the timeline keeps what it had of % %: %',
                aside.cd_source, aside.cd_id, sqlerrm;
    end;
end
$$;

-- Set an event of the log aside that cannot be applied. Where it could be without another one, it
-- may be either that is wrong: the other is, as soon as a second event cannot be applied beside
-- it. Then that is set aside, and those that were for its sake are tried again. Call under the lock
-- timeline.
create or replace function set_aside(source text, id text, reason text) returns void
language plpgsql as $$
declare
    fault event_key := find_fault(source, id);
begin
    if exists (
        select from quarantined as other
        where
            (other.suspect_source, other.suspect_id) = (fault.cd_source, fault.cd_id)
            and (other.cd_source, other.cd_id) <> (source, id)
    ) then
        perform put_aside(fault, 'others cannot be applied beside it: ' || reason, null);
        perform try_again(fault.cd_source, fault.cd_id);
        perform advance(array[source], array[id]);
    else
        perform put_aside((source, id)::event_key, reason || coalesce(
            '; it could be applied without ' || fault.cd_source || ' ' || fault.cd_id, ''
        ), fault);
    end if;
end
$$;

comment on function set_aside is
'Set an event of the log aside, as if it had never come; call under the lock timeline.';
