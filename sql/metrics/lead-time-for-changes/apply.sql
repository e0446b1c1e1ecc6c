-- Make the rows of deployments anew, and of those that came after them in their service and
-- environment: what each of them reached and shipped.
-- :sources, :ids text[] of deployments, and of change.merged events of which something changed
select ship(:sources::text[], :ids::text[]);
