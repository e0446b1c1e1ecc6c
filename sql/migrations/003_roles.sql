-- Who computes metrics is dora_metrics now: dora_writer keeps events, and what it wrote for metrics
-- is no longer its own.
do $$
declare
    granted record;
begin
    if not take_migration(3, 'roles') then return; end if;
    for granted in
        select distinct table_schema, table_name from information_schema.role_table_grants
        where
            grantee = 'dora_writer'
            and table_name not in (
                'cloudevents_raw', 'cdevents_raw', 'cdevents_replaced', 'dead_letters', 'arrivals',
                'replays', 'schema_migrations', 'service_events', 'artifact_events', 'version_keys',
                'changes_merged', 'change_commits', 'incident_events', 'named_deployments',
                'correction_events', 'named_services', 'named_environments', 'repository_numbers',
                'renamed_repositories'
            )
    loop
        execute format(
            'revoke all on %I.%I from dora_writer', granted.table_schema, granted.table_name
        );
    end loop;
    if to_regprocedure('begin_rebuild(text[])') is not null then
        revoke execute on function begin_rebuild(text[]) from dora_writer;
        revoke execute on function drop_rebuilt(text[]) from dora_writer;
        revoke usage on schema rebuilding from dora_writer;
    end if;
end
$$;
