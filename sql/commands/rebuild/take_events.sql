-- The next events from which all is made anew: one row each.
-- :size integer
with taken as (
    delete from rebuilding.due_events
    where
        due_id = any(array(
            select due.due_id from rebuilding.due_events as due
            order by due.due_id
            limit :size::integer
        ))
    returning due_id, cd_source, cd_id
)

select taken.cd_source, taken.cd_id from taken
order by taken.due_id;
