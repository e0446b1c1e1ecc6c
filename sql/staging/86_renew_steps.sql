-- Part of applying events: bring steps and changes up to date with the change.merged events among
-- them, and write down for lead time what differs. Called before the timeline is brought up to
-- date. In order, an event costs its own commits; late, also the steps that continue from another
-- one now.
-- sources, ids: the events of the log that are applied.
create or replace function renew_steps(sources text[], ids text[]) returns void
language plpgsql as $$
declare
    applied event_key[] := array(
        select (key.cd_source, key.cd_id)::event_key
        from unnest(sources, ids) as key (cd_source, cd_id)
    );
    changed event_key[] := array(
        select key::event_key from unnest(applied) as key
        where
            exists (select from merged_change(key.cd_source, key.cd_id))
            or exists (select from step_of(key.cd_source, key.cd_id))
    );
    given event_key[] := changed || array(select joined_steps(applied));
    continuing event_key[];
    shas text[];
    -- In which nothing is another than it was.
    is_new boolean := not exists (
        select from unnest(changed) as key
        where exists (select from step_of(key.cd_source, key.cd_id))
    );
begin
    if given = '{}' then
        return;
    end if;
    shas := array(select listed_commits(given));
    given := array(
        select key::event_key from unnest(given) as key
        union
        select (report.cd_source, report.cd_id)::event_key
        from unnest(shas) as listed (sha)
        cross join lateral reports_of(listed.sha) as report
    );
    -- Neither does it say of other pushes what is a merge in them.
    is_new := is_new and cardinality(given) = cardinality(changed) and not exists (
        select from unnest(changed) as key
        cross join lateral merged_change(key.cd_source, key.cd_id) as event
        where event.reports_merge
    );
    continuing := array(select steps_after(given));
    changed := changed || array(select renew_lines(given));
    shas := array(select listed_commits(given) union select commits_beside(given));
    if is_new then
        perform add_changes(given);
    else
        perform renew_changes(shas);
    end if;
    continuing := array(
        select key::event_key from unnest(given || continuing) as key
        union
        select steps_after(given)
        union
        select steps_from(shas)
    );
    changed := changed || array(select renew_parents(continuing));
    if lead_time_follows() then
        insert into stale_steps (step_source, step_id)
        select distinct key.cd_source, key.cd_id from unnest(changed) as key;
        insert into stale_deployments (metric, deploy_source, deploy_id)
        values ('lead-time-for-changes', given[1].cd_source, given[1].cd_id);
    end if;
end
$$;

comment on function renew_steps is
'Bring steps and changes up to date with events that are applied.';
