-- As apply, where that cannot be done: what is wrong itself is set aside, and nothing else.
-- :sources, :ids text[] of deployments, and of change.merged events of which something changed
select ship_carefully(:sources::text[], :ids::text[]);
