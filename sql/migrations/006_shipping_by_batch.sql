-- What is left to renew after replay_shipping, it returns now.
do $$
begin
    if not take_migration(6, 'shipping_by_batch') then return; end if;
    drop function if exists replay_shipping(timeline_start, timeline_start);
end
$$;
