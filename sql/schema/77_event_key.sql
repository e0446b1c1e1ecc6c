-- What functions hand on to each other: source and id of a CDEvent; from where on the timeline of a
-- service and environment is looked at again.
do $$
begin
    if to_regtype('event_key') is null then
        create type event_key as (cd_source text, cd_id text);
    end if;
    if to_regtype('timeline_start') is null then
        create type timeline_start as (
            service_id text, environment_id text, happened_at timestamptz, revision bigint,
            cd_source text, cd_id text
        );
    end if;
end
$$;
