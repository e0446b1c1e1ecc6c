-- That a deployment has another revision is a change of it, too.
do $$
begin
    if not take_migration(4, 'changed_revisions') then return; end if;
    if to_regtype('changed_deployment') is not null then
        alter type changed_deployment add attribute revision bigint;
    end if;
end
$$;
