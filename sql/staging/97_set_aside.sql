-- Set an event of the log aside: whatever it said is forgotten, as if it had never come, and it is
-- noted why. Call under the lock timeline.
create or replace function set_aside(source text, id text, reason text) returns void
language plpgsql as $$
begin
    perform quarantine('timeline', source, id, reason);
    perform forget_facts(event) from cdevents_raw as event
    where event.cd_source = source and event.cd_id = id;
    begin
        -- What an earlier report under this id said may be in the timeline.
        perform advance(array[source], array[id]);
    exception
        when data_exception or integrity_constraint_violation or program_limit_exceeded
            or raise_exception or cardinality_violation then
            raise warning 'the timeline keeps what it had of % %: %', source, id, sqlerrm;
    end;
end
$$;

comment on function set_aside is
'Set an event of the log aside, as if it had never come; call under the lock timeline.';
